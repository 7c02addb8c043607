// The event stream: reconnects for as long as the page is open.

const SILENCE = 25000; // ms; the server says something every ten seconds
const RETRY = 3000;

/**
 * Calls on.hello, on.changes(data), on.reset and on.lost as things happen.
 * on.hello means: connected, read everything now.
 */
export function follow(url, on) {
  let source;
  let watchdog;

  function connect() {
    source = new EventSource(url);
    source.addEventListener('hello', () => { alive(); on.hello(); });
    source.addEventListener('beat', () => { alive(); on.beat(); });
    source.addEventListener('reset', () => { alive(); on.reset(); });
    source.addEventListener('changes', (e) => { alive(); on.changes(JSON.parse(e.data)); });
    source.onerror = () => { on.lost(); again(RETRY); };
    alive();
  }

  function alive() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => { on.lost(); again(0); }, SILENCE);
  }

  // The browser gives up by itself where the answer is an error, so that trying
  // again is done here in every case.
  function again(delay) {
    source.close();
    clearTimeout(watchdog);
    watchdog = setTimeout(connect, delay);
  }

  connect();
}
