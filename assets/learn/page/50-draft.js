// A learner's text of one lesson, kept in this browser from the first edit on (`site:learn-draft:{id}`).
//
// { starter, code, at, before?, old? }: `before` is the text that a reset or another tab's text replaced, `old` the text of an
// earlier version of the lesson ({ starter, code, settled?, old? }; `old` again: of one more version). Never: a text replaced without being kept, or deleted because of a pass.
(() => {
  /** `onOther(kept)`: another tab, or the account, has a newer text. `onFull()`: this browser keeps nothing. */
  learn.draft = ({ id, starter, starterText, read, onOther, onFull }) => {
    const key = () => learn.progress.draftKey(id);
    const load = () => { const kept = site.get(key(), null); return kept && typeof kept.code === 'string' ? kept : null; };
    const found = load();
    const isMine = found?.starter === starter, isBelow = !isMine && found?.old?.starter === starter;
    const unsettled = (older) => (older && !older.settled ? older : undefined);
    let mine = isMine ? found : isBelow ? { starter, code: found.old.code, at: found.at } : null; // as this tab last wrote or took it
    let old = isMine || !found ? found?.old : { starter: found.starter, code: found.code, old: unsettled(isBelow ? found.old.old : found.old) };
    let before = found?.before, seen = found?.at;

    function write(code) {
      const there = load();
      const isForeign = there && there.at !== seen;
      if (isForeign && there.starter !== starter && there.code !== old?.code) old = { starter: there.starter, code: there.code, old: unsettled(old) };
      else if (isForeign && there.starter === starter && there.code !== code && there.code !== mine?.code) before = there.code;
      mine = { starter, code, at: Math.max(Date.now(), (there?.at ?? 0) + 1), before, old };
      seen = mine.at;
      if (!site.set(key(), mine)) onFull();
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
      if (!there || there.starter !== starter || there.at === seen) return;
      if (there.code === mine?.code) { seen = there.at; mine = { ...mine, at: seen }; return; } // dated anew by the account
      if (there.code === read()) { mine = there; seen = there.at; before = there.before ?? before; return; }
      onOther(there);
    }
    addEventListener('storage', (e) => { if (e.key === 'site:' + key()) look(); });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
    addEventListener('pageshow', (e) => { if (e.persisted) look(); });

    return {
      /** What the editor begins with; `null`: the starter. */
      text: mine?.code ?? null,
      old: () => (old && !old.settled && old.code !== starterText && old.code !== mine?.code ? old : null),
      /** The text of the earlier version was offered; it can still be brought back as the one before. */
      settle() {
        before ??= old.code;
        old = unsettled(old.old) ?? { starter: old.starter, code: old.code, settled: true };
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
        seen = there.at;
        site.set(key(), mine);
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
