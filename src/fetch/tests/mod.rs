//! What the fetcher does with honest, broken and hostile sites, through its
//! one door. Every site is a double on loopback; no test may need a network.

mod answer;
mod double;
mod reach;

use self::double::{PUBLIC, Script, fetcher};
use super::FetchError;

fn title_at(url: &str) -> Result<String, FetchError> {
    fetcher(Script::of(&[&[PUBLIC]]))
        .title(url)
        .map(|page| page.title)
}
