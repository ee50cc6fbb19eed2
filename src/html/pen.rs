//! For whom markup is drawn: for one person at once, or for everybody with holes where a person's own bits go.
//!
//! A page for everybody is drawn once on a [`Canvas`]. Each hole leaves a mark in the text: the canvas's secret word, which
//! no content can know, and the hole's number. [`Canvas::finish`] cuts the text there; from the pieces come the page of
//! visitors and, for members, fixed parts with holes ([`Drawn`]). What a hole holds for a person, [`Hole::draw`] says.
//!
//! While a page is drawn for everybody, nobody's own data is at hand ([`Pen::viewer`] is `None`), so none can get into it.

use std::cell::RefCell;

use maud::{Markup, PreEscaped, html};

use crate::domain::id::{ItemId, MarkId, UserId};
use crate::domain::story::Marks;
use crate::domain::user::Viewer;
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// Who looks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Eye<'a> {
    /// Who; `None` for visitors.
    pub viewer: Option<&'a Viewer>,
    /// Now.
    pub now: Timestamp,
    /// Key of a draft that the server has just taken.
    pub saved: Option<&'a str>,
    /// What the operator should know.
    pub warning: Option<&'static str>,
    /// Nothing can be posted at the moment.
    pub cut_off: bool,
}

impl Eye<'_> {
    /// Whether this member looks.
    #[must_use]
    pub fn is(&self, user: UserId) -> bool {
        self.viewer.is_some_and(|viewer| viewer.id == user)
    }
}

/// A place in a page that differs from person to person.
///
/// Its value is put into the page as it is: it may end one attribute and begin the next, and must escape what people wrote.
pub trait Hole: std::fmt::Debug + Send + Sync {
    /// What stands there for this person, who has these marks on [`Hole::marked`].
    fn draw(&self, eye: &Eye, marks: &Marks) -> Markup;

    /// The story or comment that it is about.
    fn item(&self) -> Option<ItemId> {
        None
    }

    /// What the person's marks on are asked for.
    fn marked(&self) -> Option<MarkId> {
        self.item().map(MarkId::from)
    }

    /// Bytes of every value, when each can be made as wide with spaces.
    fn width(&self) -> Option<usize> {
        None
    }

    /// When what it holds for this person changes by the clock.
    fn until(&self, _eye: &Eye) -> Option<Timestamp> {
        None
    }
}

/// Who may read what is drawn for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Visitors and members.
    Everyone,
    /// Moderators: what was removed is there too.
    Moderators,
}

/// For whom something is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Pen<'a> {
    /// For one person.
    One(Eye<'a>),
    /// For everybody.
    All(&'a Canvas<'a>),
}

impl<'a> Pen<'a> {
    /// Who looks, when it is drawn for one member.
    #[must_use]
    pub fn viewer(self) -> Option<&'a Viewer> {
        match self {
            Self::One(eye) => eye.viewer,
            Self::All(_) => None,
        }
    }

    /// Whether what only moderators may read is drawn.
    #[must_use]
    pub fn moderates(self) -> bool {
        match self {
            Self::One(eye) => eye.viewer.is_some_and(Viewer::moderates),
            Self::All(canvas) => canvas.audience == Audience::Moderators,
        }
    }

    /// Whether this member looks; `None` when that is not known yet and both cases must be drawn.
    #[must_use]
    pub fn is(self, user: UserId) -> Option<bool> {
        match self {
            Self::One(eye) => Some(eye.is(user)),
            Self::All(_) => None,
        }
    }

    /// A hole; `marks` are what the one person who looks did to its item.
    #[must_use]
    pub fn hole(self, hole: impl Hole + 'static, marks: &Marks) -> Markup {
        match self {
            Self::One(eye) => hole.draw(&eye, marks),
            Self::All(canvas) => canvas.leave(Box::new(hole)),
        }
    }

    /// What only members see, the same for all of them.
    #[must_use]
    pub fn members(self, markup: impl FnOnce() -> Markup) -> Markup {
        match self {
            Self::One(eye) if eye.viewer.is_some() => markup(),
            Self::One(_) => html! {},
            Self::All(canvas) => canvas.only('m', &markup()),
        }
    }

    /// What only visitors see.
    #[must_use]
    pub fn visitors(self, markup: impl FnOnce() -> Markup) -> Markup {
        match self {
            Self::One(eye) if eye.viewer.is_none() => markup(),
            Self::One(_) => html! {},
            Self::All(canvas) => canvas.only('v', &markup()),
        }
    }
}

/// Words of our own for a hole's value, put into the page as they are.
#[must_use]
pub fn words(text: &'static str) -> Markup {
    PreEscaped(text.to_owned())
}

/// Where a page is drawn for everybody.
#[derive(Debug)]
pub struct Canvas<'a> {
    word: &'a str,
    audience: Audience,
    holes: RefCell<Vec<Box<dyn Hole>>>,
}

impl<'a> Canvas<'a> {
    /// An empty one; `word` is this process's secret, unguessable and of letters and digits only.
    #[must_use]
    pub fn new(word: &'a str, audience: Audience) -> Self {
        Self {
            word,
            audience,
            holes: RefCell::default(),
        }
    }

    fn leave(&self, hole: Box<dyn Hole>) -> Markup {
        let mut holes = self.holes.borrow_mut();
        holes.push(hole);
        PreEscaped(format!("{}h{};", self.word, holes.len() - 1))
    }

    fn only(&self, whom: char, markup: &Markup) -> Markup {
        let word = self.word;
        PreEscaped(format!("{word}{whom};{}{word}e;", markup.0))
    }

    /// Cuts what was drawn at its holes.
    ///
    /// # Errors
    /// [`Error::Internal`] when a hole was drawn twice, not at all, or within one who it is not for: a bug.
    pub fn finish(self, text: &str) -> Result<Drawn> {
        let mut drawn = Drawn {
            text: String::with_capacity(text.len()),
            pieces: Vec::new(),
            holes: Vec::new(),
        };
        let mut left: Vec<_> = self.holes.into_inner().into_iter().map(Some).collect();
        let mut parts = text.split(self.word);
        drawn.text(parts.next().unwrap_or_default(), Whom::All);
        let mut whom = Whom::All;
        for part in parts {
            let (mark, rest) = part.split_once(';').ok_or_else(|| broken("cut off"))?;
            match (mark.split_at_checked(1), whom) {
                (Some(("h", number)), _) => {
                    let number: usize = number.parse().map_err(|_| broken("without number"))?;
                    let hole = left.get_mut(number).and_then(Option::take);
                    drawn.holes.push(hole.ok_or_else(|| broken("drawn twice"))?);
                    drawn.pieces.push(Piece::Hole(whom));
                }
                (Some(("m", "")), Whom::All) => whom = Whom::Members,
                (Some(("v", "")), Whom::All) => whom = Whom::Visitors,
                (Some(("e", "")), Whom::Members | Whom::Visitors) => whom = Whom::All,
                _ => return Err(broken("out of place")),
            }
            drawn.text(rest, whom);
        }
        if whom != Whom::All || left.iter().any(Option::is_some) {
            return Err(broken("left open"));
        }
        Ok(drawn)
    }
}

fn broken(how: &str) -> Error {
    Error::Internal(format!("a mark of a page's hole is {how}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    All,
    Members,
    Visitors,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    /// Up to here in the text.
    Text(usize, Whom),
    /// The next hole.
    Hole(Whom),
}

/// A page for everybody, cut at its holes.
#[derive(Debug)]
pub struct Drawn {
    text: String,
    pieces: Vec<Piece>,
    holes: Vec<Box<dyn Hole>>,
}

/// A piece of the page that members get.
#[derive(Debug)]
pub enum Member<'a> {
    /// The same for all.
    Text(&'a str),
    /// A hole.
    Hole(&'a dyn Hole),
}

impl Drawn {
    fn text(&mut self, text: &str, whom: Whom) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.pieces.push(Piece::Text(self.text.len(), whom));
        }
    }

    fn each(&self) -> impl Iterator<Item = (Member<'_>, Whom)> {
        let (mut from, mut holes) = (0, self.holes.iter());
        self.pieces.iter().filter_map(move |piece| match *piece {
            Piece::Text(end, whom) => {
                let text = &self.text[from..end];
                from = end;
                Some((Member::Text(text), whom))
            }
            Piece::Hole(whom) => Some((Member::Hole(&**holes.next()?), whom)),
        })
    }

    /// The page of a visitor.
    #[must_use]
    pub fn visitor(&self, now: Timestamp) -> String {
        let eye = Eye {
            viewer: None,
            now,
            saved: None,
            warning: None,
            // Pages for all visitors are kept and say nothing of the moment; forms do, which are drawn for each.
            cut_off: false,
        };
        let mut page = String::with_capacity(self.text.len() + self.holes.len() * 32);
        for (piece, whom) in self.each() {
            match piece {
                _ if whom == Whom::Members => {}
                Member::Text(text) => page.push_str(text),
                Member::Hole(hole) => page.push_str(&hole.draw(&eye, &Marks::default()).0),
            }
        }
        page
    }

    /// What members get, piece by piece.
    pub fn members(&self) -> impl Iterator<Item = Member<'_>> {
        let pieces = self.each().filter(|(_, whom)| *whom != Whom::Visitors);
        pieces.map(|(piece, _)| piece)
    }

    /// All of it, with a mark where a hole is: what two pages differ by when their texts do.
    pub fn fixed(&self) -> impl Iterator<Item = &str> {
        self.each().map(|(piece, _)| match piece {
            Member::Text(text) => text,
            Member::Hole(_) => "\0",
        })
    }

    /// The holes that members get filled.
    #[must_use]
    pub fn into_holes(self) -> Vec<Box<dyn Hole>> {
        let mut for_members = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(whom) => Some(*whom != Whom::Visitors),
            Piece::Text(..) => None,
        });
        let kept = self
            .holes
            .into_iter()
            .filter(|_| for_members.next().unwrap_or(false));
        kept.collect()
    }
}

/// A hole's value for a person, as wide as the hole wants it.
///
/// # Panics
/// When the value is wider than its hole says that values are.
#[must_use]
pub fn value(hole: &dyn Hole, eye: &Eye, marks: &Marks) -> String {
    let mut value = hole.draw(eye, marks).0;
    if let Some(width) = hole.width() {
        let missing = width
            .checked_sub(value.len())
            .expect("a value fits its hole");
        // Behind the end of an attribute, where that is; spaces mean nothing there.
        let at = value.find('"').map_or(value.len(), |quote| quote + 1);
        value.insert_str(at, &" ".repeat(missing));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: &str = "q0w9e8r7";

    #[derive(Debug)]
    struct Name(&'static str);

    impl Hole for Name {
        fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
            html! { (self.0) "=" (eye.viewer.map_or("nobody", |viewer| viewer.name.as_str())) }
        }
    }

    fn draw(pen: Pen, content: &str) -> Markup {
        html! {
            p { (content) (pen.hole(Name("a"), &Marks::default())) }
            (pen.visitors(|| html! { "for visitors " (pen.hole(Name("b"), &Marks::default())) }))
            (pen.members(|| html! { "for members " (pen.hole(Name("c"), &Marks::default())) }))
        }
    }

    #[test]
    fn each_gets_what_is_theirs() {
        let canvas = Canvas::new(WORD, Audience::Everyone);
        let text = draw(Pen::All(&canvas), "hi ").0;
        let drawn = canvas.finish(&text).unwrap();
        let now = Timestamp::from_ms(0);
        assert_eq!(
            drawn.visitor(now),
            "<p>hi a=nobody</p>for visitors b=nobody"
        );
        let members: Vec<String> = drawn
            .members()
            .map(|piece| match piece {
                Member::Text(text) => text.to_owned(),
                Member::Hole(hole) => format!("{hole:?}"),
            })
            .collect();
        assert_eq!(
            members,
            [
                "<p>hi ",
                "Name(\"a\")",
                "</p>",
                "for members ",
                "Name(\"c\")"
            ]
        );
        assert_eq!(drawn.into_holes().len(), 2);
    }

    #[test]
    fn marks_that_are_not_ours_are_text_and_wrong_ones_are_refused() {
        for content in ["h0;", "m;", "q0w9e8r", "\u{1}h0;"] {
            let canvas = Canvas::new(WORD, Audience::Everyone);
            let text = draw(Pen::All(&canvas), content).0;
            let page = canvas.finish(&text).unwrap().visitor(Timestamp::from_ms(0));
            assert!(page.starts_with(&format!("<p>{content}a=nobody")), "{page}");
        }
        for wrong in ["h0;", "h7;", "e;", "x;", "h;", "m;", "v;m;e;e;", ""] {
            let canvas = Canvas::new(WORD, Audience::Everyone);
            let text = draw(Pen::All(&canvas), "").0
                + &wrong
                    .replace(';', &format!(";{WORD}"))
                    .replacen("", WORD, 1);
            assert!(canvas.finish(&text).is_err(), "{wrong}");
        }
    }
}
