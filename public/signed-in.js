// Where a sign-in provider sends one back to. It hands what the provider said to the portal's pages;
// the page that began the sign-in checks it and is the only one that can use it.

const answer = location.search;
if (answer) {
  // The answer stays in no history, whatever becomes of this window.
  history.replaceState(null, '', location.pathname);
  const channel = new BroadcastChannel('casement-signed-in');
  channel.onmessage = ({ data }) => {
    if (data !== 'heard') return;
    document.body.textContent =
      'You can close this window. このウィンドウは閉じてかまいません。您可以关闭此窗口。';
    close();
  };
  channel.postMessage(answer);
}
