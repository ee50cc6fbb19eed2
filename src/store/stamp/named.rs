//! Stamps by the words that an operator uses: `story:7`, `list:hot`.

use crate::cache::{Axis, Stamp};
use crate::domain::id::{CommentId, StoryId};
use crate::error::{Error, Result};
use crate::store::{Conn, user};

use super::{
    active, by, comment, domain_known, heading, hot, modlog, name, newest, of_domain, pinned,
    profile, search, site, sitemap, story, story_row, tag_hot, tag_newest, talk_all, talk_by,
    top_all, top_day, top_month,
};
use crate::time::Timestamp;

/// Everything that shows what this word names; what it names need not exist.
///
/// # Errors
/// [`Error::Refused`] for a word that names nothing, [`Error::NotFound`] for a member who is not there.
pub fn named(conn: &Conn, now: Timestamp, word: &str) -> Result<Vec<Stamp>> {
    let (kind, rest) = word.split_once(':').unwrap_or((word, ""));
    Ok(match kind {
        "site" => vec![site()],
        "search" => vec![search()],
        "sitemap" => vec![sitemap()],
        "story" => {
            let id: StoryId = number(rest)?;
            vec![story(id), story_row(id), heading(id)]
        }
        "comment" => {
            let id: CommentId = number(rest)?;
            vec![comment(id)]
        }
        "user" => {
            let id = user::id_of(conn, rest)?;
            vec![name(rest), profile(id), by(id).all(), talk_by(id).all()]
        }
        "tag" => vec![tag_hot(rest).all(), tag_newest(rest).all()],
        "domain" => vec![domain_known(rest), of_domain(rest).all()],
        "list" => list(rest, now)?,
        _ => return Err(unknown(word)),
    })
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::Refused(format!("{text:?} is not a number.")))
}

fn list(which: &str, now: Timestamp) -> Result<Vec<Stamp>> {
    Ok(match which {
        "hot" => vec![hot().all(), pinned()],
        "newest" => vec![newest().all()],
        "active" => vec![active().all()],
        "top" => {
            let days = (0..=31).map(|ago| top_day(now.day() - ago));
            let months = (0..=12).map(|ago| top_month(now.month() - ago));
            days.chain(months)
                .chain([top_all()])
                .map(Axis::all)
                .collect()
        }
        "comments" => vec![talk_all().all()],
        "modlog" => vec![modlog()],
        _ => return Err(unknown(&format!("list:{which}"))),
    })
}

fn unknown(word: &str) -> Error {
    Error::Refused(format!(
        "There is no tag {word:?}. Tags are story:ID, comment:ID, user:NAME, tag:NAME, domain:NAME, \
         list:hot|newest|active|top|comments|modlog, sitemap, search and site."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_what_pages_rest_on() {
        let conn = Conn::open_in_memory().unwrap();
        let now = Timestamp::from_ms(1_795_472_177_000);
        let of = |word: &str| named(&conn, now, word);
        assert!(of("story:7").unwrap().contains(&story(StoryId::new(7))));
        assert!(of("list:hot").unwrap().contains(&hot().all()));
        assert_eq!(of("site").unwrap(), [Stamp::site()]);
        for wrong in [
            "",
            "story",
            "story:x",
            "story:-1x",
            "list:",
            "list:cold",
            "sites",
        ] {
            assert!(matches!(of(wrong), Err(Error::Refused(_))), "{wrong}");
        }
    }
}
