// A page in Vue 3: attributes, properties and events of the element as of any other. It is written with
// `h`, so that it runs under a policy without 'unsafe-eval'; in a template it would be
// <casement-portal policy="citrix" :serial-number="serial" @casement-ready="ready = true">.

import { createApp, h, ref } from 'vue';

createApp({
  setup() {
    const serial = ref('SN-0400-77');
    const ready = ref(false);
    const typed = (event) => (serial.value = event.target.value);
    return () => [
      h('h1', 'Support'),
      h('label', ['Serial number ', h('input', { value: serial.value, onInput: typed })]),
      h('p', ready.value ? 'Support is ready.' : 'Support is on its way.'),
      h('casement-portal', {
        policy: 'citrix',
        'serial-number': serial.value,
        onCasementReady: () => (ready.value = true),
      }),
    ];
  },
}).mount('#app');
