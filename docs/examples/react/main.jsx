// A page in React 19: attributes, properties and events of the element as of any other.

import { useState } from 'react';
import { createRoot } from 'react-dom/client';

function Support() {
  const [serial, setSerial] = useState('SN-0400-77');
  const [ready, setReady] = useState(false);
  return (
    <>
      <h1>Support</h1>
      <label>
        Serial number <input value={serial} onChange={(event) => setSerial(event.target.value)} />
      </label>
      <p>{ready ? 'Support is ready.' : 'Support is on its way.'}</p>
      <casement-portal policy="citrix" serial-number={serial} oncasement-ready={() => setReady(true)} />
    </>
  );
}

createRoot(document.querySelector('#app')).render(<Support />);
