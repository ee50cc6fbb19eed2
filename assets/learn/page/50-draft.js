// A learner's text of one lesson, kept in this browser from the first edit on (`site:learn-draft:{id}`).
//
// { starter, code, at, before?, old? }: `before` is the text that a reset or another tab's text replaced, `old` the text of an
// earlier version of the lesson ({ starter, code, settled? }). Never: a text replaced without being kept, or deleted because of a pass.
(() => {
  /** `onOther(kept)`: another tab, or the account, has a newer text. `onFull()`: this browser keeps nothing. */
  learn.draft = ({ id, starter, starterText, read, onOther, onFull }) => {
    const key = learn.progress.draftKey(id);
    const load = () => { const kept = site.get(key, null); return kept && typeof kept.code === 'string' ? kept : null; };
    const found = load();
    let mine = found?.starter === starter ? found : null; // as this tab last wrote or took it
    let old = found && !mine ? { starter: found.starter, code: found.code } : found?.old;
    let before = mine?.before;

    function write(code) {
      const there = load();
      const isForeign = there && there.at !== mine?.at && there.starter === starter && there.code !== code;
      if (isForeign && there.code !== mine?.code) before = there.code;
      mine = { starter, code, at: Math.max(Date.now(), (there?.at ?? 0) + 1), before, old };
      if (!site.set(key, mine)) onFull();
      else learn.progress.wrote(id);
    }
    function save() {
      const code = read();
      if (code === (mine?.code ?? starterText)) return;
      write(code);
    }
    const soon = learn.later(save, 300);
    learn.leaving(() => soon.flush());

    /** The stored text changed elsewhere: offered, unless it is what stands here. */
    function look() {
      const there = load();
      if (!there || there.starter !== starter || there.at <= (mine?.at ?? 0)) return;
      if (there.code === read()) { mine = there; before = there.before ?? before; return; }
      onOther(there);
    }
    addEventListener('storage', (e) => { if (e.key === 'site:' + key) look(); });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
    addEventListener('pageshow', (e) => { if (e.persisted) look(); });

    return {
      /** What the editor begins with; `null`: the starter. */
      text: mine?.code ?? null,
      old: () => (old && !old.settled && old.code !== starterText ? old : null),
      /** The text of the earlier version was offered; it can still be brought back as the one before. */
      settle() {
        before ??= old.code;
        old = { ...old, settled: true };
        write(read());
      },
      before: () => (before !== undefined && before !== read() ? before : null),
      edited: soon, look, save: () => { soon.drop(); save(); },
      /** Takes the text that is stored now; what stood here becomes `before`. */
      take(there) {
        soon.drop();
        const here = read();
        before = here === starterText ? there.before : here;
        mine = { ...there, before };
        site.set(key, mine);
      },
      /** This text replaces the one that stands here, which is kept. */
      replace(code) {
        soon.drop();
        before = read();
        write(code);
      },
    };
  };
})();
