//! Topic tags: made, changed, retired.

use actix_web::{HttpResponse, web};

use crate::domain::tag::{Tag, TagName};
use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Problem, Result};
use crate::html::admin::tag::{Typed, edit, list};
use crate::html::path;
use crate::store::modlog::{self, Entry};
use crate::store::tag::{Retired, TagForm};
use crate::store::{self, Tx};
use crate::web::admin::{frame, reply};
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /admin/tags`
pub async fn page(req: Req) -> HttpResponse {
    let new = Typed {
        hotness: "0".into(),
        ..Typed::default()
    };
    req.page(move |cx| show(cx, &new, &[])).await
}

fn show(cx: &Cx, typed: &Typed, problems: &[Problem]) -> Result<Answer> {
    cx.role(Role::Admin)?;
    let tags = store::tag::all(cx.conn)?;
    Ok(Answer::html(list(frame(cx, "Topics"), &tags, typed, problems)).no_store())
}

/// `POST /admin/tags` tag, category, description, hotness
pub async fn create(req: Req, form: Form) -> HttpResponse {
    let typed = match form.fields() {
        Ok(fields) => read(&fields),
        Err(error) => return req.fail(error).await,
    };
    let new = typed.clone();
    let done = req
        .act(Action::Other, Role::Admin, move |tx, me| {
            let (name, form) = checked(&new, TagName::parse(&new.name))?;
            store::tag::create(tx, &name, &form)?;
            record(tx, me, "tag.add", &name)
        })
        .await
        .map(|()| Req::see_other(&path::with(path::ADMIN_TAGS, "done", "saved")));
    reply(req, done, move |cx, problems| show(cx, &typed, problems)).await
}

/// `GET /admin/tags/{tag}`
pub async fn edit_page(req: Req, name: web::Path<String>) -> HttpResponse {
    req.page(move |cx| {
        cx.role(Role::Admin)?;
        let tag = store::tag::find(cx.conn, &name)?;
        show_one(cx, &tag, &typed(&tag), &[])
    })
    .await
}

fn show_one(cx: &Cx, tag: &Tag, typed: &Typed, problems: &[Problem]) -> Result<Answer> {
    cx.role(Role::Admin)?;
    let tags = store::tag::all(cx.conn)?;
    Ok(Answer::html(edit(&frame(cx, "Topic"), tag, &tags, typed, problems)).no_store())
}

/// `POST /admin/tags/{tag}` category, description, hotness
pub async fn change(req: Req, name: web::Path<String>, form: Form) -> HttpResponse {
    let typed = match form.fields() {
        Ok(fields) => read(&fields),
        Err(error) => return req.fail(error).await,
    };
    let (new, of) = (typed.clone(), name.clone());
    let done = req
        .act(Action::Other, Role::Admin, move |tx, me| {
            let tag = store::tag::find(tx, &of)?;
            let (_, form) = checked(&new, Ok(tag.name.clone()))?;
            store::tag::change(tx, &tag, &form)?;
            record(tx, me, "tag.change", &tag.name)
        })
        .await
        .map(|()| Req::see_other(&path::with(path::ADMIN_TAGS, "done", "saved")));
    reply(req, done, move |cx, problems| {
        show_one(cx, &store::tag::find(cx.conn, &name)?, &typed, problems)
    })
    .await
}

/// `POST /admin/tags/{tag}/retire` retired
pub async fn retire(req: Req, name: web::Path<String>, form: Form) -> HttpResponse {
    let retired = match form.fields() {
        Ok(fields) if fields.get("retired") == "1" => Retired::Yes,
        Ok(_) => Retired::No,
        Err(error) => return req.fail(error).await,
    };
    let done = req
        .act(Action::Other, Role::Admin, move |tx, me| {
            let tag = store::tag::find(tx, &name)?;
            if tag.retired == (retired == Retired::Yes) {
                return Ok(());
            }
            store::tag::retire(tx, &tag, retired)?;
            let act = if tag.retired {
                "tag.offer"
            } else {
                "tag.retire"
            };
            record(tx, me, act, &tag.name)
        })
        .await
        .map(|()| Req::see_other(&path::with(path::ADMIN_TAGS, "done", "saved")));
    req.reply(done).await
}

fn record(tx: &Tx, me: &Viewer, action: &str, tag: &TagName) -> Result<()> {
    modlog::record(
        tx,
        &Entry {
            moderator: Some(me.id),
            action,
            subject: Some(tag.as_str()),
            ..Entry::default()
        },
    )
}

fn read(fields: &Fields) -> Typed {
    let line = |name: &str| fields.get(name).trim().to_owned();
    Typed {
        name: line("tag"),
        category: line("category"),
        description: line("description"),
        hotness: line("hotness"),
    }
}

fn typed(tag: &Tag) -> Typed {
    Typed {
        name: tag.name.to_string(),
        category: tag.category.clone(),
        description: tag.description.clone(),
        hotness: tag.hotness_mod.to_string(),
    }
}

/// The form's values, or everything that is wrong with them.
fn checked(
    typed: &Typed,
    name: std::result::Result<TagName, &'static str>,
) -> Result<(TagName, TagForm)> {
    let mut problems = Vec::new();
    let mut wrong = |field, message: &str| {
        problems.push(Problem {
            field,
            message: message.to_owned(),
        });
    };
    if let Err(message) = name {
        wrong("tag", message);
    }
    if !(1..=30).contains(&typed.category.chars().count()) {
        wrong("category", "The category has 1 to 30 characters.");
    }
    if !(1..=160).contains(&typed.description.chars().count()) {
        wrong("description", "The description has 1 to 160 characters.");
    }
    let hotness = typed
        .hotness
        .parse()
        .ok()
        .filter(|mod_: &f64| (-10.0..=10.0).contains(mod_));
    if hotness.is_none() {
        wrong("hotness", "The hotness is a number from −10 to 10.");
    }
    match (name, hotness) {
        (Ok(name), Some(hotness_mod)) if problems.is_empty() => Ok((
            name,
            TagForm {
                description: typed.description.clone(),
                category: typed.category.clone(),
                hotness_mod,
            },
        )),
        _ => Err(Error::Invalid(problems)),
    }
}
