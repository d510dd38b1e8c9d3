// The demo's state as it changes: pushed where the browser and the way to it allow, else asked for every second.

const ASK_EVERY = 1000; // ms
const SILENT_AFTER = 4000; // ms without a first event: something in between holds the stream back

async function ask({ onState, onTrouble }) {
  if (document.hidden) return;
  try {
    const answer = await fetch('demo/state', { credentials: 'same-origin', cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    onState(await answer.json());
  } catch (failed) {
    onTrouble();
  }
}

function poll(handlers) {
  ask(handlers);
  setInterval(() => ask(handlers), ASK_EVERY);
}

/** `handlers`: onState(state), onTrouble(). */
export function watchState(handlers) {
  ask(handlers);
  if (!window.EventSource) {
    poll(handlers);
    return;
  }
  const source = new EventSource('demo/events');
  const giveUp = () => { source.close(); poll(handlers); };
  const silence = setTimeout(giveUp, SILENT_AFTER);
  source.onmessage = (event) => {
    clearTimeout(silence);
    handlers.onState(JSON.parse(event.data));
  };
  source.onerror = () => {
    clearTimeout(silence);
    if (source.readyState === EventSource.CLOSED) giveUp();
    else handlers.onTrouble(); // the browser tries again by itself
  };
}
