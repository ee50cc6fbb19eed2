//! What browsers load of the course: the bundles of its lessons, the frame in which learners' code runs, the service worker.
//!
//! Bundles and the frame are made once, when the site starts, and stand under the hash of their content. The service worker is
//! made anew when the site's settings change, since pages show these.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::http::header;
use sha2::{Digest, Sha256};

use crate::course::{Courses, Edition};
use crate::domain::settings::Settings;
use crate::hex;
use crate::html::page::AssetNames;
use crate::html::path;
use crate::web::asset::{File, learn_scripts, learn_text};

/// Of the frame in which learners' code runs. Its script is inline and makes scripts from text; in return it has no origin,
/// no network beyond what `90-frame.js` names, and no page but ours around it. The script closes inline scripts after itself.
/// (`webrtc 'block'` would belong here; browsers that do not know it complain in the learner's console at each run, so the
/// script takes the constructor away instead.)
pub(in crate::web) const RUNNER_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; \
    style-src 'unsafe-inline'; img-src data: blob:; connect-src 'none'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'self'; sandbox allow-scripts allow-forms";

/// The frame in which learners' code runs: one page with one script, made of the files of a folder.
static RUNNER: LazyLock<File> = LazyLock::new(|| {
    let script = learn_scripts("runner");
    let page = learn_text("runner.html").replacen("<!-- runner -->", &script, 1);
    File::new("runner.html", "text/html; charset=utf-8", page)
        .with(header::CONTENT_SECURITY_POLICY, RUNNER_POLICY)
        .with(header::X_DNS_PREFETCH_CONTROL, "off")
});

/// The frame.
pub(in crate::web) fn runner_file() -> &'static File {
    &RUNNER
}

/// The files of the course.
#[derive(Debug)]
pub struct Shelf {
    /// The bundles of each edition by their lessons' ids.
    bundles: BTreeMap<String, HashMap<String, File>>,
    /// The names of the files that every page of the course loads.
    names: AssetNames,
    /// The service worker that was asked for last, with its build.
    worker: Mutex<Option<(String, Arc<File>)>>,
}

impl Shelf {
    /// Makes the files of every edition.
    #[must_use]
    pub fn new(courses: &Courses, names: &AssetNames) -> Self {
        let mut shelf = Self {
            bundles: BTreeMap::new(),
            names: names.clone(),
            worker: Mutex::new(None),
        };
        for edition in courses.editions() {
            let bundles = edition.bundles().map(|bundle| {
                let name = format!("{}.json", bundle.id);
                let json = bundle.json.clone();
                let file = File::under(&bundle.hash, name, "application/json", json);
                (bundle.id.clone(), file)
            });
            let bundles: HashMap<String, File> = bundles.collect();
            shelf.bundles.insert(edition.course.lang.clone(), bundles);
        }
        shelf
    }

    /// A bundle under exactly this name, of whatever edition.
    pub(in crate::web) fn bundle(&self, hashed: &str) -> Option<&File> {
        let mut all = self.bundles.values().flat_map(HashMap::values);
        all.find(|file| file.hashed == hashed)
    }

    /// The bundle of this edition that a name with another hash means.
    pub(in crate::web) fn bundle_like(&self, edition: &Edition, name: &str) -> Option<&File> {
        let bundles = self.bundles.get(&edition.course.lang)?;
        bundles.values().find(|file| file.is_version(name))
    }

    /// The service worker.
    pub(in crate::web) fn worker(
        &self,
        edition: &Edition,
        settings: &Settings,
    ) -> Option<Arc<File>> {
        let bundles = self.bundles.get(&edition.course.lang)?;
        let list = kept(edition, bundles, &self.names);
        let build = build(&list, edition, settings);
        let mut made = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, file)) = &*made
            && *of == build
        {
            return Some(Arc::clone(file));
        }
        let file = Arc::new(worker(&list, &build));
        *made = Some((build, Arc::clone(&file)));
        Some(file)
    }
}

/// The list of what the service worker keeps.
fn kept(edition: &Edition, bundles: &HashMap<String, File>, names: &AssetNames) -> String {
    let lessons = || edition.course.all();
    let mut pages = vec![path::LEARN.to_owned(), path::LEARN_DONE.to_owned()];
    pages.extend(lessons().map(|lesson| path::lesson(&lesson.id)));
    let assets = [
        &names.css,
        &names.js,
        &names.learn_css,
        &names.learn_js,
        &names.icon,
    ];
    let mut files: Vec<String> = assets.into_iter().map(|name| path::asset(name)).collect();
    files.extend(lessons().filter_map(|lesson| {
        let file = bundles.get(lesson.id.as_str())?;
        Some(path::bundle(&file.hashed))
    }));
    serde_json::json!({
        "release": env!("CARGO_PKG_VERSION"),
        "pages": pages,
        "files": files,
        "runner": path::runner(&RUNNER.hashed),
    })
    .to_string()
}

/// The hash of what is kept and of what its pages show: the list holds the versions of the lessons, but neither the outline nor
/// the settings. (Counts of comments and news on the lessons' pages are not in it: they change all day.)
fn build(list: &str, edition: &Edition, settings: &Settings) -> String {
    let course = &edition.course;
    let chapters = course.chapters.iter();
    let chapters: Vec<_> = chapters
        .map(|it| {
            let recap = it.recap.as_ref().map(|recap| recap.id.as_str());
            (&it.id, &it.title, &it.project, recap)
        })
        .collect();
    let bonus = course.bonus.as_ref().map(|it| (&it.id, &it.title));
    let shown = serde_json::json!([list, course.title, chapters, bonus, settings.stored()]);
    hex::of(&Sha256::digest(shown.to_string().as_bytes())[..6])
}

/// The service worker that keeps what is on this list.
fn worker(list: &str, build: &str) -> File {
    let head = format!("const build = '{build}';\nconst kept = {list};\n");
    let script = head + &learn_text("offline.js");
    File::new("offline.js", "text/javascript; charset=utf-8", script).with(
        header::HeaderName::from_static("service-worker-allowed"),
        path::LEARN,
    )
}
