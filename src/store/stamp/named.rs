//! Stamps by the words that an operator uses: `story:7`, `list:hot`.

use crate::cache::{Axis, Stamp};
use crate::domain::id::{CommentId, StoryId};
use crate::domain::lesson::LessonId;
use crate::domain::resource::Choice;
use crate::error::{Error, Result};
use crate::store::{Conn, user};

use super::{
    Said, active, by, comment, domain_known, heading, hot, lesson_talk, modlog, name, newest,
    of_domain, pinned, profile, remark, resources, search, site, sitemap, story, story_row,
    tag_hot, tag_newest, talk_all, talk_by, title, top_all, top_day, top_month,
};
use crate::time::Timestamp;

/// The pages of what this word names: its own, and those that show it in full. A member's are their own pages and feeds; a
/// story, a comment, a topic or a site need not exist.
///
/// # Errors
/// [`Error::Refused`] for a word that names nothing, [`Error::NotFound`] for a member who is not there.
pub fn named(conn: &Conn, now: Timestamp, word: &str) -> Result<Vec<Stamp>> {
    let Some((kind, rest)) = word.split_once(':') else {
        return Ok(match word {
            "site" => vec![site()],
            "search" => vec![search()],
            "sitemap" => vec![sitemap()],
            "resources" => Choice::each().map(resources).collect(),
            _ => return Err(unknown(word)),
        });
    };
    let lower = rest.to_ascii_lowercase();
    Ok(match kind {
        "story" => {
            let id: StoryId = number(rest)?;
            vec![story(id), story_row(id), heading(id), title(id), search()]
        }
        "comment" => remarked(conn, number(rest)?)?,
        "user" => {
            let id = user::id_of(conn, rest).map_err(|error| match error {
                Error::NotFound => Error::Refused(format!("There is no member {rest:?}.")),
                other => other,
            })?;
            vec![name(rest), profile(id), by(id).all(), talk_by(id).all()]
        }
        "tag" => vec![tag_hot(&lower).all(), tag_newest(&lower).all()],
        "domain" => vec![domain_known(&lower), of_domain(&lower).all()],
        "lesson" => vec![lesson_talk(&LessonId::from_stored(lower))],
        "list" => list(rest, now)?,
        _ => return Err(unknown(word)),
    })
}

/// A comment wherever it stands: alone, in lists, in its thread, among results.
fn remarked(conn: &Conn, id: CommentId) -> Result<Vec<Stamp>> {
    let mut stamps = vec![comment(id), remark(id), search()];
    match Said::of(conn, id) {
        Ok(said) => stamps.push(story(said.story)),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    Ok(stamps)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::Refused(format!("{text:?} is not the number of a story or comment.")))
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
         lesson:ID, resources, \
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
            "site:x",
            "search:",
            "story:-1x",
            "list:",
            "list:cold",
            "sites",
        ] {
            assert!(matches!(of(wrong), Err(Error::Refused(_))), "{wrong}");
        }
    }
}
