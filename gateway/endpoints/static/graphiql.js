'use strict';

// The key lives in this tab only: it comes from the form or from the fragment of a link, which no server sees.
(() => {
  const ENDPOINT = '/graphql';
  const STORED = 'profile-gateway:key';
  const form = document.getElementById('credential');
  const input = document.getElementById('key');
  const status = document.getElementById('status');
  const explorer = document.getElementById('explorer');
  const welcome = document.getElementById('welcome');

  let key = '';
  let sockets = null;

  function tell(state, message) {
    status.dataset.state = state;
    status.value = message;
  }

  function keyOfLink() {
    const given = new URLSearchParams(location.hash.slice(1)).get('key');
    if (given) history.replaceState(null, '', location.pathname + location.search);
    return given;
  }

  function withKey(input, init = {}) {
    return fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });
  }

  // Resolves to nothing when the key is good, else to the reason why it is not.
  async function refusal() {
    try {
      const response = await withKey(ENDPOINT, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query: '{ __typename }' }),
      });
      if (response.status === 401) return 'This key is not valid: it is unknown, expired or revoked.';
      const { errors } = await response.json();
      return errors?.[0].message;
    } catch {
      return 'The gateway does not answer.';
    }
  }

  function socketClient() {
    return graphqlWs.createClient({
      url: new URL(ENDPOINT, location.href).href.replace('http', 'ws'),
      connectionParams: () => ({ Authorization: `Bearer ${key}` }),
    });
  }

  function leave() {
    sockets?.dispose();
    sockets = null;
    ReactDOM.unmountComponentAtNode(explorer);
    explorer.replaceChildren(welcome);
  }

  async function open() {
    const defaultQuery = await (await fetch('/graphiql/welcome.graphql')).text();
    sockets = socketClient();
    const fetcher = GraphiQL.createFetcher({ url: ENDPOINT, fetch: withKey, wsClient: sockets });
    welcome.remove();
    ReactDOM.render(
      React.createElement(GraphiQL, { fetcher, defaultQuery, defaultEditorToolsVisibility: false }),
      explorer,
    );
  }

  async function connect(given) {
    key = given.trim();
    input.value = key;
    sessionStorage.setItem(STORED, key);
    leave();
    if (!key) {
      tell('missing', '');
      input.focus();
      return;
    }
    tell('connecting', 'Connecting …');
    const reason = await refusal();
    if (given.trim() !== key) return;
    if (reason) {
      tell('refused', reason);
      return;
    }
    await open();
    tell('connected', 'Connected');
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    connect(input.value);
  });
  addEventListener('hashchange', () => {
    const given = keyOfLink();
    if (given) connect(given);
  });
  connect(keyOfLink() ?? sessionStorage.getItem(STORED) ?? '');
})();
