// Where a sign-in provider sends one back to. It hands what the provider said to the portal's pages
// and closes itself; the page that began the sign-in checks it and is the only one that can use it.

const answer = location.search;
if (answer) {
  // The answer stays in no history, whatever becomes of this window.
  history.replaceState(null, '', location.pathname);
  new BroadcastChannel('casement-signed-in').postMessage(answer);
  close();
}
