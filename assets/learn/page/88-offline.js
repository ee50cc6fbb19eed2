// Lessons without a connection: registers the service worker that the server offers, once the page has loaded.
(() => {
  learn.offline = (url) => {
    if (!('serviceWorker' in navigator) || !isSecureContext) return;
    // The one address that may become a script here; pages of the course allow no other.
    const policy = window.trustedTypes?.createPolicy('learn', {
      createScriptURL: (asked) => { if (asked !== '/learn/offline.js') throw new TypeError('not a script of the course'); return asked; },
    });
    const register = () => navigator.serviceWorker.register(policy ? policy.createScriptURL(url) : url, { scope: '/learn' }).catch(() => {});
    if (document.readyState === 'complete') register(); else addEventListener('load', register);
  };
})();
