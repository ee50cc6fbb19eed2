//! What a title from elsewhere is about: tags from its prefix, its marks, its link and its words.
//!
//! A table of words decides, so that the same title always gets the same tags. For imports only: people choose their
//! tags themselves.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::link::Link;
use crate::domain::tag::MOST_TAGS;

/// The tag of a title in which no word is known.
pub const FALLBACK: &str = "misc";

/// Tags that only an import gives: name, category, description. They are made when first needed.
pub const MORE_TAGS: &[(&str, &str, &str)] = &[
    ("business", "Elsewhere", "Companies, money, founding"),
    ("hardware", "Elsewhere", "Chips, devices, electronics"),
    ("science", "Elsewhere", "Research, mathematics, space"),
    (
        "society",
        "Elsewhere",
        "Law, politics, life with technology",
    ),
    (FALLBACK, "Elsewhere", "Everything else"),
];

/// A title without its prefix and marks, and the tags that these and its words stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// The title that remains.
    pub title: String,
    /// Names of tags, at least one.
    pub tags: Vec<&'static str>,
}

/// Prefixes that say who is speaking; each is cut off.
const PREFIXES: &[(&str, Option<&str>)] = &[
    ("ask hn", Some("ask")),
    ("show hn", Some("show")),
    ("launch hn", Some("show")),
    ("tell hn", None),
];

/// Marks at the end, in round or square brackets; each is cut off.
const MARKS: &[(&str, &str)] = &[
    ("pdf", "pdf"),
    ("video", "video"),
    ("youtube", "video"),
    ("audio", "video"),
];

/// The words of each tag, parted by commas; two words together count as one.
const WORDS: &[(&str, &str)] = &[
    (
        "javascript",
        "javascript,js,ecmascript,es6,es2015,es2016,es2017,es2018,es2019,es2020,tc39,react,reactjs,redux,preact,vue,\
         vuejs,vue.js,angular,angularjs,svelte,ember,jquery,webpack,babel,coffeescript,three.js,d3,d3.js,react native,\
         nextjs,next.js,gatsby,electron",
    ),
    ("typescript", "typescript"),
    (
        "css",
        "css,css3,sass,flexbox,stylesheet,stylesheets,css grid,bootstrap,tailwind",
    ),
    ("html", "html,html5,svg,markup,web components"),
    ("wasm", "wasm,webassembly,asm.js,emscripten"),
    (
        "browsers",
        "browser,browsers,firefox,mozilla,chrome,chromium,safari,webkit,servo,microsoft edge,internet explorer,v8,\
         spidermonkey,ad blocker,ublock",
    ),
    ("node", "node,nodejs,node.js,npm,deno,yarn,left pad"),
    (
        "webapi",
        "webgl,webgpu,webrtc,websocket,websockets,service worker,service workers,pwa,pwas,progressive web,web api",
    ),
    (
        "databases",
        "database,databases,sql,mysql,mariadb,postgres,postgresql,sqlite,mongodb,redis,cassandra,nosql,cockroachdb,\
         elasticsearch,rocksdb,leveldb,clickhouse,dynamodb,rethinkdb,data warehouse,oracle,query",
    ),
    (
        "performance",
        "performance,faster,fast,slow,speed,optimizing,optimization,optimize,latency,benchmark,benchmarks,scaling,\
         scalability,profiling,cache,caching",
    ),
    (
        "security",
        "security,vulnerability,vulnerabilities,exploit,exploits,hack,hacked,hackers,hacking,malware,ransomware,\
         encryption,encrypted,cryptography,crypto,password,passwords,privacy,breach,breached,leak,leaked,leaks,ssl,tls,\
         https,phishing,spectre,meltdown,backdoor,cve,ddos,botnet,surveillance,nsa,tor,vpn,openssl,spyware,tracking,\
         gdpr,2fa,zero day,data breach",
    ),
    (
        "testing",
        "testing,tests,unit test,unit tests,fuzzing,fuzzer,tdd,qa,selenium,test driven",
    ),
    (
        "a11y",
        "accessibility,a11y,screen reader,screen readers,blind,colorblind,dyslexia",
    ),
    (
        "tooling",
        "git,github,gitlab,vim,neovim,emacs,vscode,vs code,visual studio,ide,editor,compiler,compilers,llvm,gcc,docker,\
         kubernetes,ci,linter,debugger,debugging,shell,bash,zsh,terminal,cli,command line,makefile,package manager,\
         jupyter,ansible,terraform,devops,api,apis,sdk,framework,library,linux,unix,bsd,freebsd,openbsd,ubuntu,debian",
    ),
    (
        "design",
        "design,designer,designers,designing,ux,ui,typography,font,fonts,usability,logo,icons,user interface,color,colors",
    ),
    (
        "programming",
        "programming,programmer,programmers,programs,code,coding,coder,software,developer,developers,development,\
         engineering,engineer,engineers,python,ruby,rails,rust,go,golang,java,kotlin,swift,c,c++,c#,.net,php,perl,\
         haskell,ocaml,erlang,elixir,clojure,lisp,scheme,racket,scala,julia,lua,fortran,cobol,prolog,smalltalk,zig,nim,\
         algorithm,algorithms,functional,monad,monads,garbage collector,concurrency,async,refactoring,microservices,\
         open source,source code,object oriented,django,flask,laravel,regex,unicode,parser,legacy,technical debt,\
         distributed,serverless,aws,cloud,data structures",
    ),
    (
        "ai",
        "ai,ml,artificial intelligence,machine learning,deep learning,neural,neural network,neural networks,tensorflow,\
         pytorch,gpt,gpt-2,gpt-3,openai,deepmind,alphago,alphazero,alphafold,chatbot,chatbots,nlp,computer vision,\
         reinforcement learning,self driving,autonomous,robot,robots,data science,deepfake,deepfakes,facial recognition,\
         language model,kaggle,convolutional,gan,gans",
    ),
    (
        "learn",
        "tutorial,tutorials,course,courses,learn,learning,book,books,introduction,guide,beginner,beginners,explained,mooc,bootcamp,primer",
    ),
    (
        "career",
        "career,careers,job,jobs,interview,interviews,interviewing,hiring,hired,hire,salary,salaries,resume,remote,\
         freelance,freelancer,freelancing,consulting,burnout,fired,layoffs,promotion,employee,employees,manager,\
         managers,recruiter,recruiters,working from,work from,side project,side projects,who is",
    ),
    (
        "release",
        "released,release,releases,announcing,announces,launches,introducing,changelog,beta,alpha,rc1",
    ),
    (
        "event",
        "conference,conferences,meetup,hackathon,fosdem,wwdc,defcon,summit,keynote,google i",
    ),
    (
        "business",
        "startup,startups,founder,founders,vc,vcs,venture,ipo,acquires,acquired,acquisition,revenue,billion,million,\
         funding,raises,investors,investor,valuation,ceo,company,companies,business,saas,market,marketing,stock,stocks,\
         economy,bank,banks,bitcoin,ethereum,blockchain,cryptocurrency,uber,lyft,airbnb,wework,amazon,facebook,google,\
         apple,microsoft,tesla,netflix,twitter,y combinator,yc,customers,pricing,product hunt,monopoly,antitrust",
    ),
    (
        "hardware",
        "hardware,chip,chips,cpu,cpus,gpu,gpus,intel,amd,arm,risc,risc-v,nvidia,raspberry,arduino,fpga,fpgas,laptop,\
         laptops,macbook,keyboard,keyboards,phone,phones,iphone,android,ssd,usb,battery,batteries,electronics,\
         semiconductor,tsmc,drone,drones,3d printer,3d printed,processor,processors,transistor,thinkpad,circuit",
    ),
    (
        "science",
        "science,scientists,scientist,physics,physicist,physicists,quantum,math,mathematics,mathematician,\
         mathematicians,theorem,biology,genetic,gene,genes,dna,crispr,brain,neuroscience,space,spacex,nasa,mars,moon,\
         astronomers,telescope,rocket,planet,climate,covid,covid-19,coronavirus,vaccine,cancer,research,researchers,\
         study,studies,black hole,evolution,ocean,species,chemistry,statistics,energy,nuclear,solar,drug,drugs,virus,\
         sleep,pandemic",
    ),
    (
        "society",
        "law,laws,court,lawsuit,sues,sued,judge,congress,senate,government,election,elections,trump,police,china,\
         chinese,russia,russian,eu,europe,european,fcc,fbi,net neutrality,copyright,patent,patents,censorship,ban,bans,\
         banned,tax,taxes,war,rights,immigration,housing,rent,school,schools,education,college,university,students,\
         teachers,children,kids,parents,history,philosophy,religion,culture,cities,city,poverty,income,inequality,\
         homeless,prison,regulation,supreme court,brexit,india,japan,germany",
    ),
];

static TAGS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let each = |(tag, words): &(&'static str, &'static str)| {
        let tag = *tag;
        words.split(',').map(move |word| (word, tag))
    };
    WORDS.iter().flat_map(each).collect()
});

/// Reads a title (entities already decoded) and what it links to.
#[must_use]
pub fn topics(title: &str, link: Option<&Link>) -> Topics {
    let mut tags = Vec::new();
    let (title, prefix) = without_prefix(title.trim());
    add(&mut tags, prefix);
    let mut title = title;
    while let Some((rest, tag)) = without_mark(title) {
        title = rest;
        add(&mut tags, Some(tag));
    }
    if let Some(link) = link {
        add(&mut tags, link.is_pdf().then_some("pdf"));
        add(&mut tags, link.is_video().then_some("video"));
    }
    for tag in of_words(title) {
        add(&mut tags, Some(tag));
    }
    if tags.is_empty() {
        tags.push(FALLBACK);
    }
    Topics {
        title: title.to_owned(),
        tags,
    }
}

fn add(tags: &mut Vec<&'static str>, tag: Option<&'static str>) {
    if let Some(tag) = tag
        && tags.len() < MOST_TAGS
        && !tags.contains(&tag)
    {
        tags.push(tag);
    }
}

/// Cuts `Ask HN:` and the like, unless nothing would remain.
fn without_prefix(title: &str) -> (&str, Option<&'static str>) {
    for (prefix, tag) in PREFIXES {
        let Some((start, rest)) = title.split_at_checked(prefix.len()) else {
            continue;
        };
        let rest = rest.trim_start();
        let rest = rest.strip_prefix([':', '-', '–', '—']).unwrap_or(rest);
        if start.eq_ignore_ascii_case(prefix) && !rest.trim().is_empty() {
            return (rest.trim(), *tag);
        }
    }
    (title, None)
}

/// Cuts one `[pdf]` or `(video)` from the end, unless nothing would remain.
fn without_mark(title: &str) -> Option<(&str, &'static str)> {
    let inner = title.strip_suffix([']', ')'])?;
    let at = inner.rfind(['[', '('])?;
    let rest = inner[..at].trim_end();
    let mark = inner[at + 1..].trim();
    let (_, tag) = MARKS
        .iter()
        .find(|(word, _)| mark.eq_ignore_ascii_case(word))?;
    (!rest.is_empty()).then_some((rest, *tag))
}

/// The tags of the title's words and pairs of words, in their order.
fn of_words(title: &str) -> impl Iterator<Item = &'static str> {
    let lower = title.to_lowercase().replace(['’', '\''], " ");
    let words: Vec<String> = lower
        .split(|c: char| !(c.is_alphanumeric() || ".+#-".contains(c)))
        .map(|word| {
            word.trim_end_matches(['.', '-'])
                .trim_start_matches(['-', '+', '#'])
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let pairs: Vec<String> = words
        .windows(2)
        .map(|pair| format!("{} {}", pair[0], pair[1]))
        .collect();
    // A hyphenated word counts as its parts too.
    let parts: Vec<String> = words
        .iter()
        .filter(|word| word.contains('-'))
        .flat_map(|word| {
            let parts = word.split('-').map(str::to_owned);
            parts.chain([word.replace('-', " ")])
        })
        .collect();
    let all = pairs.into_iter().chain(words).chain(parts);
    all.filter_map(|word| TAGS.get(word.as_str()).copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tag::{DEFAULT_TAGS, TagName};

    #[track_caller]
    fn check(title: &str, left: &str, tags: &[&str]) {
        let found = topics(title, None);
        assert_eq!((found.title.as_str(), found.tags.as_slice()), (left, tags));
    }

    #[test]
    fn prefixes_and_marks_become_tags_and_leave_the_title() {
        check("Ask HN: How are you?", "How are you?", &["ask"]);
        check("ask hn - anyone?", "anyone?", &["ask"]);
        check("Show HN: A thing (video)", "A thing", &["show", "video"]);
        check("Attention (1999) [pdf]", "Attention (1999)", &["pdf"]);
        check("Tell HN: Thanks", "Thanks", &[FALLBACK]);
        check("Ask HN:", "Ask HN:", &[FALLBACK]);
        check("[pdf]", "[pdf]", &[FALLBACK]);
    }

    #[test]
    fn words_and_pairs_of_words_become_tags() {
        check("Node.js and CSS", "Node.js and CSS", &["node", "css"]);
        check(
            "Machine learning in C++",
            "Machine learning in C++",
            &["ai", "learn", "programming"],
        );
        check("Self-driving cars", "Self-driving cars", &["ai"]);
        check("Les Misérables", "Les Misérables", &[FALLBACK]);
        let many = topics("CSS HTML wasm security Firefox npm", None);
        assert_eq!(many.tags.len(), MOST_TAGS);
    }

    #[test]
    fn the_link_says_what_it_is() {
        let link = Link::parse("https://e.com/paper.pdf").unwrap();
        assert_eq!(topics("Nothing known", Some(&link)).tags, ["pdf"]);
    }

    #[test]
    fn every_tag_of_the_table_is_a_tag_that_a_site_has_or_an_import_makes() {
        let known: Vec<&str> = DEFAULT_TAGS
            .iter()
            .chain(MORE_TAGS)
            .map(|tag| tag.0)
            .collect();
        let named = WORDS.iter().map(|(tag, _)| *tag);
        let named = named.chain(PREFIXES.iter().filter_map(|(_, tag)| *tag));
        for tag in named.chain(MARKS.iter().map(|(_, tag)| *tag)) {
            assert!(known.contains(&tag), "{tag}");
            assert!(TagName::parse(tag).is_ok(), "{tag}");
        }
        for (tag, ..) in MORE_TAGS {
            assert!(TagName::parse(tag).is_ok(), "{tag}");
        }
    }
}
