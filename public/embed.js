// <casement-portal>: a support portal on any page. docs/embedding.md says how to use it.
//
// This file is all that a page loads before somebody sees or uses the element. Then the portal comes
// in a frame of its own origin (mode="frame"), where the page can read nothing of it, or into the
// element itself on the vendor's own origin (mode="inline"). Outside itself the element changes nothing.

const base = new URL('.', import.meta.url);
const { origin } = base;
const ours = origin === location.origin;

// Attributes, and the values of those that take only some; the first is the usual one. The types
// and the manifest are made from `element.json`, which a test compares with this.
const known = {
  policy: null,
  customer: null,
  product: null,
  version: null,
  'serial-number': null,
  subject: null,
  backend: null,
  lang: null,
  'support-url': null,
  view: ['full', 'new-case', 'cases', 'entitlements', 'button'],
  theme: ['auto', 'light', 'dark'],
  mode: ['frame', 'inline'],
  load: ['visible', 'interaction', 'eager'],
};
const names = Object.keys(known);

// What `prefill` takes, the custom properties that reach the portal, and what the page is told.
const fields = names.slice(1, 6);
const look = 'accent-hue accent-chroma neutral-hue radius space density font-scale font-family'.split(' ');
const told = {
  ready: ['lang'],
  'draft-saved': ['draft', 'at'],
  'case-created': ['draft', 'case', 'number'],
  error: ['reason'],
};

const words = {
  en: ['Support', 'Loading…', 'Open support', 'Close', 'Support can’t be shown here. Nothing you wrote is lost.', 'Try again', 'Open the portal', 'Contact support'],
  ja: ['サポート', '読み込んでいます…', 'サポートを開く', '閉じる', 'ここにサポートを表示できません。入力済みの内容は失われていません。', '再試行', 'ポータルを開く', 'サポートに問い合わせる'],
  zh: ['支持', '正在加载…', '打开支持', '关闭', '无法在此显示支持。您填写的内容没有丢失。', '重试', '打开门户', '联系支持'],
};

// How long a frame may be silent after it has loaded, and how long it may load.
const SILENCE = 8000;
const PATIENCE = 45000;

const css = `
:host { display: block }
:host([view=button]) { container-type: normal }
:host([hidden]) { display: none !important }
.box, .open, .sheet { all: initial; font: 16px/1.5 var(--casement-font-family, system-ui, sans-serif); color-scheme: light dark; color: CanvasText; background: Canvas }
.light { color-scheme: light }
.dark { color-scheme: dark }
.box { display: grid; block-size: var(--casement-height, 640px); overflow: clip; border-radius: var(--casement-radius, 6px) }
.box.fit { block-size: auto; min-block-size: 320px }
.box > * { grid-area: 1 / 1; min-inline-size: 0; min-block-size: 0 }
.box > iframe { inline-size: 100%; block-size: 100%; border: 0; color-scheme: inherit }
.portal { overflow: auto; overscroll-behavior: contain; container-type: inline-size; direction: ltr }
.box > .wait { display: grid; place-content: center; justify-items: center; gap: 16px; z-index: 1; padding: 24px; text-align: center; background: Canvas }
.wait p { margin: 0 }
.wait :is(a, button), .shut { cursor: pointer; font: inherit; margin: 4px; padding: 8px 16px; border: 1px solid; border-radius: var(--casement-radius, 6px); color: inherit; background: none; text-decoration: none }
.wait hr { inline-size: 120px; block-size: 4px; border: 0; opacity: .4; background: linear-gradient(90deg, currentColor 40%, transparent 0) 0 / 200% }
@media (prefers-reduced-motion: no-preference) { .wait hr { animation: casement 1.4s linear infinite } }
@keyframes casement { from { background-position: 160% } to { background-position: -40% } }
.open { position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; padding: 12px 22px; border-radius: 99px; cursor: pointer; font-weight: 600; box-shadow: 0 6px 24px #0004; --c: var(--casement-accent-chroma, .076); --h: var(--casement-accent-hue, 192); color: light-dark(#fff, #111); background: light-dark(oklch(.455 var(--c) var(--h)), oklch(.79 calc(var(--c) * 1.45) var(--h))) }
:is(.open, .wait *, .shut):focus-visible { outline: 3px solid; outline-offset: 2px }
.sheet { position: fixed; inset: auto 20px 20px auto; inline-size: min(1040px, 100vw - 40px); block-size: min(760px, 100dvh - 40px); border: 1px solid #8886; border-radius: 12px; overflow: clip; box-shadow: 0 16px 60px #0006 }
.sheet:not([open]) { display: none }
.sheet[open] { display: grid; grid-template-rows: auto minmax(0, 1fr) }
.sheet > .box { block-size: auto; border-radius: 0 }
.sheet::backdrop { background: #0005 }
.sheet > header { display: flex; align-items: center; justify-content: space-between; padding: 2px 4px 2px 16px; border-block-end: 1px solid #8884 }
.shut { border: 0 }
@media (width < 640px) { .sheet { inset: 0; inline-size: 100%; block-size: 100dvh; border: 0; border-radius: 0 } }
`;

let shell;
const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

// Only the keys of a list, only texts and numbers, and nothing endless.
function pick(from, keys) {
  const found = {};
  for (const key of keys) {
    const value = from?.[key] ?? from?.[camel(key)];
    if (typeof value === 'string') found[key] = value.slice(0, 500);
    else if (Number.isFinite(value)) found[key] = value;
  }
  return found;
}

class CasementPortal extends HTMLElement {
  static observedAttributes = [...names, 'style', 'class'];

  #nonce = random();
  #root;
  #box;
  #wait;
  #dialog;
  #begun;
  #ready;
  #portal;
  #stop = new AbortController();

  connectedCallback() {
    // Taken out and put in again at once, it only moved.
    if (this.#begun) return;
    this.#begun = true;
    for (const name of names) {
      const property = camel(name);
      if (!Object.hasOwn(this, property)) continue;
      const value = this[property];
      delete this[property];
      this[property] = value;
    }
    this.#check();
    this.#build();
  }

  // With `moveBefore` nothing is taken out at all.
  connectedMoveCallback() {}

  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#end());
  }

  attributeChangedCallback(name, before, now) {
    if (!this.#begun || before === now) return;
    if (known[name]) this.#check();
    if (['view', 'mode', 'load', 'policy', 'backend'].includes(name)) {
      if (this.#again) return;
      this.#again = true;
      queueMicrotask(() => {
        this.#again = false;
        if (!this.#begun) return;
        const open = this.#dialog?.open;
        this.#end();
        this.connectedCallback();
        if (open) this.open();
      });
    } else {
      this.#renew();
    }
  }
  #again = false;

  #renew() {
    this.#dress();
    this.#portal?.set(this.#settings());
  }

  /** Shows the portal, in its dialog where it is a button; done when it can be used. */
  async open() {
    if (!this.#begun) throw new Error('casement-portal: not in a document');
    if (this.#dialog && !this.#dialog.open) this.#dialog.showModal();
    return this.#start();
  }

  /** Closes the dialog; false if the page kept it open. */
  async close() {
    if (!this.#dialog?.open) return true;
    if (!this.#emit('close', {}, true)) return false;
    this.#dialog.close();
    return true;
  }

  /** Fills in what the page knows, where the person has not answered yet. */
  async prefill(values) {
    for (const key in values) {
      if (!fields.some((field) => key === field || key === camel(field))) this.#warn(`prefill takes no "${key}", only ${fields.map(camel)}`);
    }
    await this.#start();
    return this.#portal.ask('prefill', pick(values, fields));
  }

  /** Signs the person out of the portal. */
  async signOut() {
    await this.#start();
    return this.#portal.ask('sign-out');
  }

  #emit(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`casement-${name}`, { detail, cancelable, bubbles: true, composed: true }));
  }

  #warn(text) {
    console.warn(`casement-portal: ${text}`);
  }

  #check() {
    for (const { name, value } of this.attributes) {
      const values = known[name];
      const fits = name in known || name in this || /^(class|tabindex|exportparts|data-|aria-|_|v-)/.test(name);
      if (!fits) this.#warn(`no attribute "${name}", only ${names}`);
      if (values && !values.includes(value)) this.#warn(`${name}="${value}" is not one of ${values}; taken as ${values[0]}`);
    }
    if (this.mode === 'inline' && !ours) this.#warn('mode="inline" needs the portal’s own origin; taken as frame');
  }

  get #lang() {
    return this.getAttribute('lang') || this.parentElement?.closest('[lang]')?.lang || navigator.language || 'en';
  }

  get #words() {
    return words[this.#lang.split('-')[0]] ?? words.en;
  }

  // What the page's style sheet says of light and dark holds, unless the attribute says more.
  get #theme() {
    if (this.theme !== 'auto') return this.theme;
    const scheme = getComputedStyle(this).colorScheme;
    if (/light.*dark|dark.*light/.test(scheme)) return 'auto';
    return scheme.includes('dark') ? 'dark' : 'light';
  }

  #settings() {
    const style = getComputedStyle(this);
    const values = look.map((name) => [name, style.getPropertyValue(`--casement-${name}`).trim()]);
    return {
      ...pick(Object.fromEntries(names.map((name) => [name, this.getAttribute(name) ?? ''])), [...fields, 'policy', 'backend']),
      view: this.view === 'button' ? 'full' : this.view,
      lang: this.#lang,
      theme: this.#theme,
      support: this.#support ?? '',
      fit: this.#fit,
      look: Object.fromEntries(values.filter(([, value]) => value)),
    };
  }

  get #fit() {
    return !this.#dialog && getComputedStyle(this).getPropertyValue('--casement-height').trim() === 'auto';
  }

  get #support() {
    try {
      const url = new URL(this.supportUrl, document.baseURI);
      if (this.supportUrl && /^(https?|mailto|tel):$/.test(url.protocol)) return url.href;
    } catch {
      // Not an address; there is none then.
    }
  }

  #build() {
    shell ??= new CSSStyleSheet();
    if (!shell.cssRules.length) shell.replaceSync(css);
    this.#root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#root.adoptedStyleSheets = [shell];
    this.#box = make('div', 'box');
    this.#box.part = 'box';
    this.#show('wait');
    const [title, , , shut] = this.#words;
    if (this.view === 'button') {
      const slot = make('slot', '', title);
      slot.name = 'button';
      const button = make('button', 'open', slot);
      button.type = 'button';
      button.part = 'button';
      button.setAttribute('aria-haspopup', 'dialog');
      button.addEventListener('click', () => this.open().catch(() => {}), { signal });
      const close = make('button', 'shut', '✕');
      close.type = 'button';
      close.part = 'close';
      close.ariaLabel = shut;
      close.addEventListener('click', () => this.close(), { signal });
      this.#dialog = make('dialog', 'sheet', make('header', '', title, close), this.#box);
      this.#dialog.part = 'dialog';
      this.#dialog.ariaLabel = title;
      this.#dialog.addEventListener('cancel', (event) => {
        event.preventDefault();
        this.close();
      }, { signal });
      this.#root.replaceChildren(button, this.#dialog);
    } else {
      this.#root.replaceChildren(this.#box);
    }
    this.#dress();
    // Keys and the like that are meant for the portal are none of the page's.
    for (const type of 'keydown keyup keypress beforeinput input change wheel paste copy cut'.split(' ')) {
      this.#box.addEventListener(type, (event) => event.stopPropagation(), { signal, passive: true });
    }
    // The page may change its language or its colours.
    const watch = new MutationObserver(() => this.#renew());
    watch.observe(document.documentElement, { attributeFilter: ['lang', 'class', 'style', 'data-theme'] });
    signal.addEventListener('abort', () => watch.disconnect());
    if (this.load === 'eager') this.#start().catch(() => {});
    else if (this.load === 'visible' && !this.#dialog) {
      const look = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        look.disconnect();
        this.#start().catch(() => {});
      });
      look.observe(this.#box);
      signal.addEventListener('abort', () => look.disconnect());
    }
  }

  #dress() {
    if (!this.#box) return;
    for (const one of this.#root.children) {
      one.classList.remove('light', 'dark');
      if (this.#theme !== 'auto') one.classList.add(this.#theme);
    }
    this.#box.classList.toggle('fit', this.#fit);
    this.#box.lang = this.#lang;
  }

  // What stands in the portal's place: that it comes, a button that brings it, or what went wrong.
  #show(what) {
    this.#wait?.remove();
    this.#wait = undefined;
    if (!what) return;
    const [, loading, open, , sorry, again, portal, help] = this.#words;
    const way = (text, go) => {
      const link = make(go.call ? 'button' : 'a', '', text);
      if (go.call) link.addEventListener('click', go);
      else Object.assign(link, { href: go, target: '_blank', rel: 'noopener' });
      return link;
    };
    const start = () => this.#start().catch(() => {});
    let inside;
    if (what === 'sorry') {
      inside = [make('p', '', sorry), make('div', '', way(again, start), way(portal, base.href))];
      if (this.#support) inside[1].append(way(help, this.#support));
    } else {
      inside = [make('slot', '', ...(this.load === 'interaction' && !this.#ready && !this.#dialog ? [way(open, start)] : [make('hr', ''), make('p', '', loading)]))];
      inside[0].name = 'placeholder';
    }
    this.#wait = make('div', 'wait', ...inside);
    this.#wait.part = what === 'sorry' ? 'message' : 'placeholder';
    if (what === 'sorry') this.#wait.role = 'alert';
    else {
      this.#wait.ariaBusy = !!this.#ready;
      // A placeholder of the page's own is as good as the button.
      this.#wait.addEventListener('click', () => this.load === 'interaction' && start(), { once: true });
    }
    this.#box.append(this.#wait);
  }

  #start() {
    const { signal } = this.#stop;
    this.#ready ??= (this.mode === 'inline' && ours ? this.#inline() : this.#frame()).catch((error) => {
      if (signal.aborted) throw error;
      this.#ready = undefined;
      this.#portal?.end();
      this.#portal = undefined;
      console.error('casement-portal:', error);
      if (this.#emit('error', { reason: error.reason ?? 'not-loaded' }, true)) this.#show('sorry');
      throw error;
    });
    if (!this.#portal) this.#show('wait');
    return this.#ready;
  }

  async #inline() {
    const { signal } = this.#stop;
    const { mount } = await import('./mount.js');
    const place = make('div', 'portal');
    this.#box.prepend(place);
    let tell;
    const ready = new Promise((done) => {
      tell = (name, detail) => {
        if (name === 'place') this.#place = detail.path;
        if (name === 'ready' || detail.reason === 'not-started') done();
        if (told[name]) this.#emit(name, pick(detail, told[name]));
      };
    });
    const settings = { ...this.#settings(), mode: 'inline', place: this.#place };
    const host = { tell: (name, detail) => tell(name, JSON.parse(detail)), ask: () => false };
    let mounted;
    try {
      mounted = await mount(place, settings, host);
    } catch (error) {
      place.remove();
      throw error;
    }
    const end = () => {
      mounted.unmount();
      place.remove();
    };
    if (signal.aborted) return end();
    this.#portal = {
      set: (settings) => mounted.set(JSON.stringify(settings)),
      ask: (what, value) => (what === 'prefill' ? mounted.prefill(JSON.stringify(value)) : mounted.sign_out()),
      end,
    };
    await ready;
    this.#show();
  }
  #place;

  #frame() {
    const { signal } = this.#stop;
    const nonce = this.#nonce;
    const frame = make('iframe', '');
    frame.part = 'frame';
    frame.title = this.#words[0];
    frame.allow = 'clipboard-write';
    frame.referrerPolicy = 'strict-origin';
    frame.src = new URL(`frame.html#${nonce}`, base);
    const questions = new Map();
    let port, timer;
    let count = 0;
    const say = (message) => port?.postMessage({ casement: 1, nonce, ...message });
    return new Promise((done, failed) => {
      const fail = (reason) => failed(Object.assign(new Error(reason), { reason }));
      signal.addEventListener('abort', () => fail('removed'));
      const wait = (time) => {
        clearTimeout(timer);
        if (time) timer = setTimeout(fail, time, 'frame-refused');
      };
      const hear = ({ data }) => {
        if (data?.casement !== 1 || data.nonce !== nonce) return;
        if (data.type === 'hello') wait(PATIENCE);
        if (data.type === 'failed') fail('not-loaded');
        if (data.type === 'close') this.close();
        if (data.type === 'size' && this.#fit && data.height > 0) frame.style.blockSize = `${Math.min(data.height, 20000)}px`;
        if (data.type === 'answer') {
          questions.get(data.id)?.();
          questions.delete(data.id);
        }
        if (data.type === 'event' && Object.hasOwn(told, data.name)) {
          if (data.name === 'ready' || data.detail?.reason === 'not-started') {
            wait();
            this.#show();
            done();
          }
          this.#emit(data.name, pick(data.detail, told[data.name]));
        }
      };
      // Also when it loads again: moved in the document, or brought up to date.
      frame.addEventListener('load', () => {
        wait(SILENCE);
        port?.close();
        const channel = new MessageChannel();
        port = channel.port1;
        port.onmessage = hear;
        frame.contentWindow?.postMessage({ casement: 1, nonce, type: 'connect', settings: this.#settings() }, origin, [channel.port2]);
      }, { signal });
      // The page's own policy may forbid the frame.
      document.addEventListener('securitypolicyviolation', (event) => {
        if (/^(frame|child|default)-src/.test(event.effectiveDirective) && event.blockedURI.startsWith(origin)) fail('frame-forbidden');
      }, { signal });
      this.#portal = {
        set: (settings) => say({ type: 'set', settings }),
        ask: (what, value) => new Promise((answered) => {
          questions.set(++count, answered);
          say({ type: 'ask', id: count, what, value });
        }),
        end() {
          wait();
          port?.close();
          frame.remove();
        },
      };
      wait(PATIENCE);
      this.#box.prepend(frame);
    });
  }

  #end() {
    this.#begun = false;
    this.#stop.abort();
    this.#portal?.end();
    this.#portal = this.#ready = this.#dialog = this.#wait = this.#box = undefined;
    this.#root.replaceChildren();
  }
}

for (const name of names) {
  Object.defineProperty(CasementPortal.prototype, camel(name), {
    get() {
      const value = this.getAttribute(name);
      const values = known[name];
      return values ? (values.includes(value) ? value : values[0]) : (value ?? '');
    },
    set(value) {
      if (value == null) this.removeAttribute(name);
      else this.setAttribute(name, value);
    },
    enumerable: true,
    configurable: true,
  });
}

// The file may be loaded twice; the first stays.
if (!customElements.get('casement-portal')) customElements.define('casement-portal', CasementPortal);
