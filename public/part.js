// What only a portal on somebody's page does: it tells whoever made that page that the deployment has
// another backend than the page names. The portal goes on with the one there is. `mount.js` loads it once
// the portal itself is here.

export async function check(base, { backend }) {
  if (!backend) return;
  const deployment = await (await fetch(new URL('portal.json', base))).json();
  const there = deployment.backend ?? 'native';
  if (backend !== there) {
    console.warn(`casement-portal: backend="${backend}" is not the backend of this deployment; taken as ${there}`);
  }
}
