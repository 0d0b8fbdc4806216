// Puts a portal into an element of a shadow root.
//
// The program and the style sheet are loaded once for all portals of a document. `embed.js` comes here
// when a portal is a part of somebody's page, `start.js`, `frame.js` and `hand-over.js` in a document of
// their own; what is around the portal, and what goes wrong, is theirs to show.

const base = new URL('.', import.meta.url);

let loading;
function load(inline) {
  loading ??= Promise.all([
    import('./casement.js').then(async (bundle) => {
      await bundle.default({ module_or_path: new URL('casement_bg.wasm', base) });
      return bundle;
    }),
    fetch(new URL('casement.css', base)).then(async (answer) => {
      if (!answer.ok) throw new Error(`casement.css: status ${answer.status}`);
      return new CSSStyleSheet().replace(fitting(await answer.text(), inline));
    }),
  ]).catch((error) => {
    // The next portal, or the next try, loads again.
    loading = undefined;
    throw error;
  });
  return loading;
}

// Many pages make `rem` small to count in tens. In such a page a `rem` of the portal is written out,
// so that its text keeps its size; a larger one is somebody's wish and holds.
function fitting(sheet, inline) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (!inline || !(rem < 14)) return sheet;
  return sheet.replace(/(\d*\.?\d+)rem\b/g, (_, count) => `${count * 16}px`);
}

// `settings` are those of `mount` in `src/embed/mod.rs`; `host` is what the portal may tell and ask.
export async function mount(place, settings, host) {
  const [bundle, sheet] = await load(settings.mode === 'inline');
  const root = place.getRootNode();
  if (!root.adoptedStyleSheets.includes(sheet)) {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
  // Nothing that a later visit or only its maker needs is fetched before what this one waits for.
  import(settings.mode === 'page' ? './page.js' : './part.js')
    .then(({ check }) => check?.(base, settings))
    .catch(console.warn);
  return bundle.mount(place, JSON.stringify({ base: base.href, ...settings }), host);
}
