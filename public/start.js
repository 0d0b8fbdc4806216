// The portal in a document of its own: the full page, and the gallery of its components. Other people's
// pages have `embed.js` in its place.

import { mount } from './mount.js';

// What is said when the portal itself can't speak: no WebAssembly, no network on the first visit.
const sorry = {
  en: ['The portal could not be started.', 'Nothing you wrote is lost. Check the connection and load the page again.', 'Load again'],
  ja: ['ポータルを開始できませんでした。', '入力済みの内容は失われていません。接続を確認して、もう一度読み込んでください。', '再読み込み'],
  zh: ['无法启动门户。', '您填写的内容没有丢失。请检查网络连接，然后重新加载页面。', '重新加载'],
};

const element = document.querySelector('casement-portal');
const inside = document.createElement('div');
element.attachShadow({ mode: 'open' }).append(inside);
const { view, routing } = element.dataset;
try {
  // A portal goes with its handle.
  element.portal = await mount(inside, { mode: 'page', view, routing }, null);
} catch (error) {
  console.error('casement:', error);
  const [what, next, again] = sorry[navigator.language.split('-')[0]] ?? sorry.en;
  inside.role = 'alert';
  const lines = [what, next].map((text) => Object.assign(document.createElement('p'), { textContent: text }));
  const button = Object.assign(document.createElement('button'), { textContent: again });
  button.addEventListener('click', () => location.reload());
  inside.replaceChildren(...lines, button);
}
