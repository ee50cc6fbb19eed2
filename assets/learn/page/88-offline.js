// Lessons without a connection: registers the service worker that the server offers, once the page has loaded. The frame in
// which code runs is not served by it: it comes from the browser's own cache, which has it only after it was a frame once.
(() => {
  /** Loads the runner's frame once for each version of it, out of sight, so that the browser keeps it. */
  function keepRunner(url) {
    if (site.get('learn-runner', '') === url) return;
    const frame = learn.el('iframe', { title: 'Code runner', hidden: true, tabIndex: -1 });
    frame.setAttribute('sandbox', 'allow-scripts allow-forms');
    frame.setAttribute('aria-hidden', 'true');
    frame.addEventListener('load', () => { frame.remove(); site.set('learn-runner', url); });
    frame.src = url;
    document.body.append(frame);
  }

  learn.offline = (url, runner) => {
    if (!('serviceWorker' in navigator) || !isSecureContext) return;
    // The one address that may become a script here; pages of the course allow no other.
    const policy = window.trustedTypes?.createPolicy('learn', {
      createScriptURL: (asked) => { if (asked !== '/learn/offline.js') throw new TypeError('not a script of the course'); return asked; },
    });
    const register = () => {
      navigator.serviceWorker.register(policy ? policy.createScriptURL(url) : url, { scope: '/learn' }).catch(() => {});
      if (runner && navigator.onLine) keepRunner(runner);
    };
    if (document.readyState === 'complete') register(); else addEventListener('load', register);
  };
})();
