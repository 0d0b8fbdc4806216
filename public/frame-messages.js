// What a page may say to the portal in its frame. Everything that comes is read here, and what is not
// understood is dropped: a page is not to be trusted, and need not be.

const texts = ['customer', 'product', 'version', 'serial-number', 'subject', 'policy', 'backend'];
const LONGEST = 500;

// Custom properties that reach the portal: a few numbers, lengths and names of fonts, nothing that
// could load or cover anything.
const number = (least, most) => (text) => /^\d*\.?\d{1,4}$/.test(text) && text >= least && text <= most;
const looks = {
  'accent-hue': number(0, 360),
  'accent-chroma': number(0, 0.2),
  'neutral-hue': number(0, 360),
  radius: (text) => /^\d{1,2}(\.\d+)?px$/.test(text) && parseFloat(text) <= 32,
  space: number(0.75, 1.5),
  density: number(0.8, 1.4),
  'font-scale': number(0.8, 1.5),
  'font-family': (text) => /^[\p{L}\p{N} ,'"-]{1,200}$/u.test(text),
};

// The custom properties of a page that are what they should be.
export function look(given) {
  const taken = {};
  for (const [name, fits] of Object.entries(looks)) {
    const value = given?.[name];
    if (typeof value === 'string' && fits(value)) taken[name] = value;
  }
  return taken;
}

// What a page gives of texts, cut to a length that a person could have typed.
export function values(given) {
  const taken = {};
  for (const name of texts) {
    if (typeof given?.[name] === 'string') taken[name] = given[name].slice(0, LONGEST);
  }
  return taken;
}

// All that a page may wish for.
export function settings(given) {
  const one = (name, of) => (of.includes(given?.[name]) ? given[name] : of[0]);
  const fits = (name, pattern) => (typeof given?.[name] === 'string' && pattern.test(given[name]) ? given[name] : '');
  return {
    ...values(given),
    view: one('view', ['full', 'new-case', 'cases', 'entitlements']),
    theme: one('theme', ['auto', 'light', 'dark']),
    lang: fits('lang', /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/),
    support: fits('support', /^(https:\/\/|mailto:|tel:)[^\s]{1,500}$/),
    fit: given?.fit === true,
    look: look(given?.look),
  };
}

// Whether an origin is one of a deployment's: named, or below a name that begins with `*.`.
export function allows(origins, origin) {
  if (!Array.isArray(origins)) return false;
  return origins.some((allowed) => {
    if (typeof allowed !== 'string') return false;
    const [scheme, place = ''] = allowed.split('://');
    if (!place.startsWith('*.')) return allowed === origin;
    const start = `${scheme}://`;
    return origin.startsWith(start) && origin.length > start.length + place.length - 1 && origin.endsWith(place.slice(1));
  });
}

// A message of the page with this nonce, if it is one.
export function message(data, nonce) {
  if (data === null || typeof data !== 'object' || data.casement !== 1 || data.nonce !== nonce) return null;
  const { type, id, what } = data;
  if (type === 'connect' || type === 'set') return { type, settings: settings(data.settings) };
  const known = type === 'ask' && Number.isSafeInteger(id) && ['prefill', 'sign-out'].includes(what);
  return known ? { type, id, what, value: values(data.value) } : null;
}
