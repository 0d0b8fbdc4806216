// The settings of the widget on this page: each change holds at once, and the code to copy says it.

const portal = document.querySelector('script[data-portal]').dataset.portal;
const widget = document.querySelector('#widget');
const form = document.querySelector('#settings');
const looks = { 'accent-hue': '192', 'accent-chroma': '0.076', radius: '6', density: '1', 'font-scale': '1' };
const usual = { view: 'full', theme: 'auto', load: 'visible' };

const words = {
  ja: {
    products: '製品', support: 'サポート', embed: '埋め込み', language: '言語', kicker: 'エッジゲートウェイ',
    lede: '拠点向けの静かな 1U ゲートウェイです。4 系統の回線、ハードウェア処理、そして普段は意識する必要のない予備電源を備えています。',
    fact1: '暗号化スループット', fact2: 'アイドル時', fact3: '年間の部品供給',
    help_title: 'Meridian のサポート', help_lede: '検索、ケースの作成、進捗の確認がこのページでできます。入力内容はその場で保存されます。',
    settings: 'ウィジェットの設定', what: '表示する内容', view: '表示', policy: 'ポリシー', lang: '言語', as_page: 'ページと同じ', load: '読み込み',
    looks: '見た目', theme: 'テーマ', hue: '色相', chroma: '彩度', radius: '角の丸み', density: '密度', scale: '文字',
    known: 'ページが知っている情報', product: '製品', serial: 'シリアル番号', subject: '件名',
    code_title: 'ページに貼り付けるコード', copy: 'コピー', copied: 'コピーしました', events: 'ページに伝わること',
    no_events: 'イベントがここに表示されます。伝わるのは ID と番号だけで、入力内容は伝わりません。',
    footer: 'Northlight Networks は架空の会社です。このページは、表示しているポータルとは別のオリジンにあります。',
  },
  'zh-Hans': {
    products: '产品', support: '支持', embed: '嵌入', language: '语言', kicker: '边缘网关',
    lede: '面向分支机构的静音 1U 网关：四路上联、硬件加速，以及一个您从不需要操心的备用电源。',
    fact1: '加密吞吐量', fact2: '空闲功耗', fact3: '年备件供应',
    help_title: 'Meridian 支持', help_lede: '在此页面即可搜索、创建工单并跟踪进度。填写的内容会即时保存。',
    settings: '小部件设置', what: '显示内容', view: '视图', policy: '策略', lang: '语言', as_page: '与页面相同', load: '加载',
    looks: '外观', theme: '主题', hue: '色相', chroma: '色度', radius: '圆角', density: '密度', scale: '文字',
    known: '页面已知的信息', product: '产品', serial: '序列号', subject: '主题',
    code_title: '用于您页面的代码', copy: '复制', copied: '已复制', events: '页面会得知什么',
    no_events: '事件会显示在这里：只有编号，绝不包含填写的内容。',
    footer: 'Northlight Networks 是虚构的公司。本页面与其显示的门户属于不同的源。',
  },
};
const texts = [...document.querySelectorAll('[data-t]')].map((one) => [one, one.textContent]);
const word = (key, otherwise) => words[document.documentElement.lang]?.[key] ?? otherwise;

function speak(lang) {
  document.documentElement.lang = lang;
  for (const [one, english] of texts) one.textContent = word(one.dataset.t, english);
  apply();
}

function apply() {
  const styles = [];
  const attributes = [];
  for (const control of form.elements) {
    const { name, value } = control;
    if (!name) continue;
    if (name in looks) {
      const length = name === 'radius' ? `${value}px` : value;
      control.nextElementSibling.textContent = value;
      widget.style.setProperty(`--casement-${name}`, length);
      if (Number(value) !== Number(looks[name])) styles.push(`  --casement-${name}: ${length};`);
      // Greys of the same hue go with every colour.
      if (name === 'accent-hue') {
        widget.style.setProperty('--casement-neutral-hue', value);
        styles.push(`  --casement-neutral-hue: ${value};`);
      }
    } else {
      const fits = value && usual[name] !== value;
      if (fits && widget.getAttribute(name) !== value) widget.setAttribute(name, value);
      if (!fits && widget.hasAttribute(name)) widget.removeAttribute(name);
      if (fits) attributes.push(` ${name}="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`);
    }
  }
  const style = styles.length ? `<style>\ncasement-portal {\n${styles.join('\n')}\n}\n</style>\n` : '';
  document.querySelector('#source').textContent = `<script type="module" src="${portal}/embed.js"></script>\n${style}<casement-portal${attributes.join('')}></casement-portal>`;
}

form.addEventListener('input', apply);
form.addEventListener('submit', (event) => event.preventDefault());

const chosen = document.querySelector('#page-lang');
chosen.addEventListener('change', () => speak(chosen.value));

const copy = document.querySelector('#copy');
copy.addEventListener('click', async () => {
  await navigator.clipboard.writeText(document.querySelector('#source').textContent);
  copy.textContent = word('copied', 'Copied');
  setTimeout(() => (copy.textContent = word('copy', 'Copy')), 1500);
});

const list = document.querySelector('#events');
for (const name of ['ready', 'draft-saved', 'case-created', 'error', 'close']) {
  widget.addEventListener(`casement-${name}`, ({ type, detail }) => {
    list.querySelector('.none')?.remove();
    const line = document.createElement('li');
    const what = document.createElement('b');
    const more = document.createElement('span');
    what.textContent = type;
    more.textContent = JSON.stringify(detail);
    line.append(what, more);
    list.prepend(line);
    list.children[6]?.remove();
  });
}

for (const id of __POLICIES__) form.elements.policy.append(new Option(id));

const wished = navigator.languages.map((lang) => lang.split('-')[0]).find((lang) => ['en', 'ja', 'zh'].includes(lang)) ?? 'en';
chosen.value = wished === 'zh' ? 'zh-Hans' : wished;
speak(chosen.value);
