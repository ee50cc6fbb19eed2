//! HTTP: the route table, one line a route, and what all of them share.
//!
//! Handlers extract, make one call on `app`, and answer; they hold no SQL and no markup.

pub mod client;

pub mod door;

pub mod cookie;

pub mod error;

pub mod form;

pub mod limit;

pub mod origin;

pub mod position;

pub mod respond;

pub mod reply;

pub mod asset;

pub mod journey;

pub mod request;

pub mod access;

pub mod relay;

pub mod front;

pub mod service;

pub mod health;

pub mod metrics;

pub mod status;

pub mod inbox;

pub mod list;

pub mod story;

pub mod comment;

pub mod vote;

pub mod submit;

pub mod session;

pub mod account;

pub mod profile;

pub mod feed;

pub mod api;

pub mod crawl;

pub mod learn;

pub mod lesson;

pub mod selftest;

pub mod about;

pub mod search;

pub mod flag;

pub mod moderation;

pub mod approval;

pub mod ban;

pub mod modlog;

pub mod resource;

pub mod discuss;

pub mod progress;

pub mod tally;

pub mod learning;

mod table;

pub mod settings;

pub mod device;

pub mod invite;

pub mod reset;

pub mod admin;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{ServiceConfig, to};

use crate::app::App;
use crate::html::path;
use asset::Assets;
use reply::Standing;
use request::Req;
use table::{Table, action, both, feeds, read};
use vote::Click;

/// Every route.
pub fn routes(config: &mut ServiceConfig) {
    Table::fill(config, table);
    config.default_service(to(missing));
}

/// The table of all routes; those of the course and of the directory stand in `learning.rs`.
#[expect(clippy::too_many_lines, reason = "a table: one line a route")]
fn table(table: &mut Table<'_>) {
    // Of those with the same first part, what is asked for most comes first: each pattern before it is tried in vain.
    action(table, "/s/{id}/comments", to(comment::post));
    action(table, "/s/{id}/vote", vote::story(Click::Vote));
    action(table, "/s/{id}/unvote", vote::story(Click::Unvote));
    action(table, "/s/{id}/save", vote::story(Click::Save));
    action(table, "/s/{id}/unsave", vote::story(Click::Unsave));
    action(table, "/s/{id}/hide", vote::story(Click::Hide));
    action(table, "/s/{id}/unhide", vote::story(Click::Unhide));
    feeds(table, "/s/{id}/comments", || to(feed::story_comments));
    read(table, "/s/{id}.json", to(api::story));
    read(table, "/s/{id:[0-9]+}", to(story::short));
    both(table, "/s/{id}/edit", to(story::edit_form), to(story::edit));
    both(
        table,
        "/s/{id}/delete",
        to(story::delete_form),
        to(story::delete),
    );
    both(table, "/s/{id}/flag", to(flag::story_form), to(flag::story));
    action(table, "/s/{id}/unflag", to(flag::unflag_story));
    // After every other page below a story.
    read(table, "/s/{id}/{slug}", to(story::show));

    action(table, "/c/{id}/vote", vote::comment(Click::Vote));
    action(table, "/c/{id}/unvote", vote::comment(Click::Unvote));
    action(table, "/c/{id}/save", vote::comment(Click::Save));
    action(table, "/c/{id}/unsave", vote::comment(Click::Unsave));
    read(table, "/c/{id}", to(comment::show));
    read(table, "/c/{id}/reply", to(comment::reply_form));
    both(
        table,
        "/c/{id}/edit",
        to(comment::edit_form),
        to(comment::edit),
    );
    both(
        table,
        "/c/{id}/delete",
        to(comment::delete_form),
        to(comment::delete),
    );
    both(
        table,
        "/c/{id}/flag",
        to(flag::comment_form),
        to(flag::comment),
    );
    action(table, "/c/{id}/unflag", to(flag::unflag_comment));

    read(table, "/", to(list::hot));
    read(table, "/newest", to(list::newest));
    read(table, "/active", to(list::active));
    read(table, "/comments", to(list::comments));
    read(table, "/inbox", to(inbox::show));
    action(table, "/inbox/read", to(inbox::read));
    read(table, "/saved", to(list::saved));
    read(table, "/hidden", to(list::hidden));
    read(table, "/voted", to(list::voted));

    feeds(table, "/hot", || to(feed::hot));
    feeds(table, "/newest", || to(feed::newest));
    feeds(table, "/active", || to(feed::active));
    feeds(table, "/top/{span}", || to(feed::top));
    feeds(table, "/t/{tags}", || to(feed::tagged));
    feeds(table, "/domain/{domain}", || to(feed::domain));
    feeds(table, "/comments", || to(feed::newest_comments));
    feeds(table, "/u/{name}/stories", || to(feed::user_stories));
    feeds(table, "/u/{name}/comments", || to(feed::user_comments));
    feeds(table, "/modlog", || to(modlog::feed));
    read(table, "/hottest.json", to(api::hottest));
    read(table, "/newest.json", to(api::newest));
    read(table, "/active.json", to(api::active));
    read(table, "/t/{tags}.json", to(api::tagged));
    read(table, "/u/{name}.json", to(api::user));

    // After their feeds: a name may hold a dot here.
    read(table, "/top/{span}", to(list::top));
    read(table, "/t/{tags}", to(list::tagged));
    read(table, "/domain/{domain}", to(list::domain));
    read(table, "/u/{name}", to(profile::stories));
    read(table, "/u/{name}/stories", to(profile::stories));
    read(table, "/u/{name}/comments", to(profile::comments));

    read(table, "/about", to(about::about));
    read(table, "/guidelines", to(about::guidelines));
    read(table, "/privacy", to(about::privacy));
    read(table, "/tags", to(about::tags));
    read(table, "/robots.txt", to(crawl::robots));
    read(table, "/sitemap.xml", to(crawl::sitemap));
    read(table, "/sitemap/{part}.xml", to(crawl::sitemap_part));
    read(table, "/opensearch.xml", to(crawl::opensearch));
    read(table, "/manifest.webmanifest", to(crawl::manifest));

    learning::routes(table);

    both(table, "/submit", to(submit::form), to(submit::post));
    read(table, "/search", to(search::show));
    read(table, "/submit/check", to(submit::check));
    action(table, "/submit/title", to(submit::title));

    both(table, "/login", to(session::page), to(session::sign_in));
    action(table, "/logout", to(session::sign_out));
    both(table, "/signup", to(account::page), to(account::sign_up));
    both(table, "/reset/{token}", to(reset::page), to(reset::save));
    both(
        table,
        "/settings",
        to(settings::page),
        to(settings::save_profile),
    );
    action(table, "/settings/look", to(settings::save_look));
    action(table, "/settings/email", to(settings::save_email));
    both(
        table,
        "/settings/delete",
        to(settings::leave_page),
        to(settings::leave),
    );
    both(
        table,
        "/settings/password",
        to(device::password_page),
        to(device::save_password),
    );
    read(table, "/settings/sessions", to(device::page));
    action(table, "/settings/sessions/end", to(device::end_all));
    action(
        table,
        "/settings/sessions/end-others",
        to(device::end_others),
    );
    action(table, "/settings/sessions/{id}/end", to(device::end));
    both(
        table,
        "/settings/invites",
        to(invite::page),
        to(invite::create),
    );
    action(
        table,
        "/settings/invites/{id}/withdraw",
        to(invite::withdraw),
    );

    read(table, "/modlog", to(modlog::show));
    read(table, "/mod", to(moderation::queue));
    both(
        table,
        "/mod/s/{id}",
        to(moderation::story_page),
        to(moderation::story),
    );
    both(
        table,
        "/mod/c/{id}",
        to(moderation::comment_page),
        to(moderation::comment),
    );
    both(
        table,
        "/mod/s/{id}/edit",
        to(moderation::edit_form),
        to(moderation::edit),
    );
    both(
        table,
        "/mod/approve",
        to(approval::page),
        to(approval::decide),
    );
    read(table, "/mod/bans", to(ban::members));
    both(
        table,
        "/mod/u/{name}",
        to(ban::member_page),
        to(ban::member),
    );
    both(
        table,
        "/mod/domains",
        to(ban::domains_page),
        to(ban::domain),
    );

    both(
        table,
        "/setup/{token}",
        to(admin::setup::page),
        to(admin::setup::finish),
    );
    both(
        table,
        "/admin",
        to(admin::site::page),
        to(admin::site::save),
    );
    both(
        table,
        "/admin/tags",
        to(admin::tag::page),
        to(admin::tag::create),
    );
    both(
        table,
        "/admin/tags/{tag}",
        to(admin::tag::edit_page),
        to(admin::tag::change),
    );
    action(table, "/admin/tags/{tag}/retire", to(admin::tag::retire));
    read(table, "/admin/members", to(admin::member::page));
    read(table, "/admin/status", to(admin::status::page));
    read(table, "/admin/status/events", to(admin::status::events));
    action(table, "/admin/members/{name}/role", to(admin::member::role));
    action(
        table,
        "/admin/members/{name}/reset",
        to(admin::member::reset),
    );

    read(table, "/assets/{name}", to(asset::show));
    read(table, "/favicon.ico", to(asset::favicon));
    read(table, "/up", to(health::up));
    read(table, "/livez", to(health::live));
    read(table, "/readyz", to(health::ready));
    read(table, "/metrics", to(metrics::show));
}

async fn missing(req: Req) -> HttpResponse {
    req.missing().await
}

/// Headers that do not depend on the page.
#[must_use]
pub fn standing(app: &App, assets: &Assets) -> Standing {
    let fixed = HeaderValue::from_static;
    let mut every = vec![
        (
            header::CONTENT_SECURITY_POLICY,
            fixed(CONTENT_SECURITY_POLICY),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
        (
            header::REFERRER_POLICY,
            fixed("strict-origin-when-cross-origin"),
        ),
        (header::CROSS_ORIGIN_OPENER_POLICY, fixed("same-origin")),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, fixed("same-origin")),
        (
            header::PERMISSIONS_POLICY,
            fixed("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ),
    ];
    if app.is_https() {
        every.push((header::STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000")));
    }
    let css = format!(
        "<{}>; rel=preload; as=style",
        path::asset(&assets.names.css)
    );
    Standing {
        every,
        preload: HeaderValue::from_str(&css).expect("names of files are plain"),
        cdn: fixed(match app.cdn {
            // Nobody tells it of changes: as long as nobody minds.
            None => "max-age=10, stale-while-revalidate=60, stale-if-error=600",
            // It is told; a page that it fetched before a change and kept after its purge has to go as well.
            Some(_) => "max-age=300, stale-while-revalidate=60, stale-if-error=600",
        }),
    }
}

/// Of pages of the course: learners' code runs in a frame of its own (which has a policy of its own), pages make no markup
/// from text, and the one script that is loaded by its address is the service worker.
pub(in crate::web) const LEARN_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; manifest-src 'self'; frame-src 'self'; worker-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types learn";

/// Of the front page, on which the first lesson can be tried.
pub(in crate::web) const FRONT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
