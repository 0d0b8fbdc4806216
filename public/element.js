// <casement-portal>: the custom element around the portal.
//
// It loads the bundle and the style sheet once for all elements of a page, adopts the sheet into its
// own shadow root, and mounts the portal there; taken out of the page, it takes the portal down. It
// touches nothing outside itself, except in view="page", where the page is the portal's own.

const base = new URL('.', import.meta.url);

// One download for any number of elements.
let loading;
function load() {
  loading ??= Promise.all([
    import('./casement.js').then(async (bundle) => {
      await bundle.default({ module_or_path: new URL('casement_bg.wasm', base) });
      return bundle;
    }),
    fetch(new URL('casement.css', base)).then(async (answer) => {
      if (!answer.ok) throw new Error(`casement.css: status ${answer.status}`);
      return new CSSStyleSheet().replace(await answer.text());
    }),
  ]);
  return loading;
}

// What is said when the portal itself can't speak: no WebAssembly, no network on the first visit.
const sorry = {
  en: ['The portal could not be started.', 'Nothing you wrote is lost. Check the connection and load the page again.', 'Load again'],
  ja: ['ポータルを開始できませんでした。', '入力済みの内容は失われていません。接続を確認して、もう一度読み込んでください。', '再読み込み'],
  zh: ['无法启动门户。', '您填写的内容没有丢失。请检查网络连接，然后重新加载页面。', '重新加载'],
};

function say(place, error) {
  console.error('casement:', error);
  const lang = (navigator.language || 'en').split('-')[0];
  const [what, next, again] = sorry[lang] ?? sorry.en;
  const box = document.createElement('div');
  box.setAttribute('role', 'alert');
  for (const text of [what, next]) {
    const line = document.createElement('p');
    line.textContent = text;
    box.append(line);
  }
  const button = document.createElement('button');
  button.textContent = again;
  button.addEventListener('click', () => location.reload());
  box.append(button);
  place.replaceChildren(box);
}

class CasementPortal extends HTMLElement {
  #mounted;

  connectedCallback() {
    // Moving the element takes it out and in again at once: the portal stays as it is.
    if (this.#mounted) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    const place = document.createElement('div');
    root.replaceChildren(place);
    this.#mounted = load().then(
      ([bundle, sheet]) => {
        root.adoptedStyleSheets = [sheet];
        const given = (name, otherwise) => this.getAttribute(name) ?? otherwise;
        // Nothing that a later visit needs is fetched before what this one waits for.
        if (given('view') === 'page') import('./page.js').catch(console.warn);
        return bundle.mount(
          place,
          base.href,
          given('routing', 'memory'),
          given('lang', ''),
          given('view', ''),
        );
      },
      (error) => {
        loading = undefined;
        say(place, error);
      },
    );
  }

  disconnectedCallback() {
    queueMicrotask(async () => {
      if (this.isConnected || !this.#mounted) return;
      const mounted = this.#mounted;
      this.#mounted = undefined;
      (await mounted)?.unmount();
    });
  }
}

if (!customElements.get('casement-portal')) {
  customElements.define('casement-portal', CasementPortal);
}
