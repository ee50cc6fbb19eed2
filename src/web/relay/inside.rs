//! The door for requests that other nodes carry here: one thread with the same front and the same routes as the event loops,
//! which answers many at once. It opens no socket, and only the channel between the nodes leads to it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_http::body::{BoxBody, to_bytes_limited};
use actix_http::{Request, Response};
use actix_service::{Service, ServiceFactory};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};
use crate::essential;
use crate::peer::Parcel;
use crate::priority::Priority;
use crate::store::commit::Position;
use crate::web::relay::carried::{Question, Reply};
use crate::web::relay::once::{Once, Outcome, Turn, size};
use crate::web::reply::is_reading;
use crate::web::request::Shared;
use crate::web::service;

/// Most requests that wait for the thread.
const MOST_WAITING: usize = 1024;
/// Largest answer that is carried, in bytes: no page of ours comes near it.
const MOST_ANSWER: usize = 16 << 20;

/// The way in for carried requests.
pub struct Inside(Mutex<Option<mpsc::Sender<Job>>>);

struct Job {
    head: Vec<u8>,
    body: Vec<u8>,
    end: Instant,
    answer: oneshot::Sender<Result<Parcel>>,
}

impl Inside {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn start(shared: Arc<Shared>) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let (ready, started) = std::sync::mpsc::channel();
        essential::spawn("inside", move || match actix_web::rt::Runtime::new() {
            Ok(runtime) => {
                Priority::Loops.take();
                let _ = ready.send(Ok(()));
                runtime.block_on(run(shared, waiting));
            }
            Err(error) => drop(ready.send(Err(error))),
        })?;
        let started = started.recv();
        started.map_err(|_| Error::Internal("the thread inside did not start".into()))??;
        Ok(Self(Mutex::new(Some(jobs))))
    }

    /// Answers a request that another node carried here.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait, [`Error::Deadline`] when it took too long, [`Error::BadRequest`] for what is no
    /// request, [`Error::NoCopy`], [`Error::Unavailable`] for a change while this node follows another, and after
    /// [`Inside::end`].
    pub async fn answer(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Result<Parcel> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            head,
            body,
            end: Instant::now() + deadline,
            answer,
        };
        self.send(job)?;
        match tokio::time::timeout(deadline, answered).await {
            Ok(answered) => answered.unwrap_or(Err(Error::Unavailable)),
            Err(_) => Err(Error::Deadline),
        }
    }

    fn send(&self, job: Job) -> Result<()> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(Error::Unavailable)?;
        jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Unavailable,
        })
    }

    /// Takes nothing any more; the thread ends after what it has begun, and lets go of the site.
    pub fn end(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// What one who answers works with.
struct Desk<S> {
    service: S,
    shared: Arc<Shared>,
    once: RefCell<Once>,
}

async fn run(shared: Arc<Shared>, mut jobs: mpsc::Receiver<Job>) {
    let factory = service::whole(Arc::clone(&shared));
    let Ok(service) = factory.new_service(()).await else {
        tracing::error!("the routes for carried requests could not be made");
        return;
    };
    let desk = Rc::new(Desk {
        service,
        shared,
        once: RefCell::default(),
    });
    let mut begun = tokio::task::JoinSet::new();
    while let Some(job) = jobs.recv().await {
        // Those that have ended; a panic of one is its own.
        while begun.try_join_next().is_some() {}
        let desk = Rc::clone(&desk);
        begun.spawn_local(async move {
            let left = job.end.saturating_duration_since(Instant::now());
            let answering = desk.answer(&job.head, job.body);
            let answered = tokio::time::timeout(left, answering).await;
            // Whoever asked may have gone meanwhile.
            let _ = job.answer.send(answered.unwrap_or(Err(Error::Deadline)));
        });
    }
    while begun.join_next().await.is_some() {}
}

impl<S> Desk<S>
where
    S: Service<Request, Response = Response<BoxBody>, Error = Response<BoxBody>> + 'static,
{
    async fn answer(self: &Rc<Self>, head: &[u8], body: Vec<u8>) -> Result<Parcel> {
        let nonsense = Error::BadRequest("What another node sent is no request.");
        let question = Question::decode(head).ok_or(nonsense)?;
        if !self.shared.app.has_copy() {
            return Err(Error::NoCopy);
        }
        if is_reading(&question.method) {
            return self.execute(question, body).await;
        }
        // Before it is asked who writes: who hands over the duty waits for those that found it here.
        let _changing = self.shared.app.changes.begin();
        if self.shared.app.is_following() {
            // Neither of the two writes: which one does is being settled.
            return Err(Error::Unavailable);
        }
        let mut outcome = self.begin(question, body);
        let told = outcome.wait_for(Option::is_some).await;
        let told = told.map_err(|_| Error::Internal("a carried change died".into()))?;
        let answer = told.as_deref().cloned();
        answer.ok_or_else(|| Error::Internal("a carried change left nothing".into()))
    }

    /// Has a change carried out, once. It goes on by itself: when its answer is late or lost, it can be asked for again.
    fn begin(self: &Rc<Self>, question: Question, body: Vec<u8>) -> Outcome {
        let turn = self.once.borrow_mut().turn(question.key, Instant::now());
        let (sender, outcome) = match turn {
            Turn::Again(outcome) => return outcome,
            Turn::First(sender, outcome) => (sender, outcome),
        };
        let desk = Rc::clone(self);
        actix_web::rt::spawn(async move {
            match desk.execute(question, body).await {
                Ok(answer) => {
                    desk.once.borrow_mut().keeps(size(&answer));
                    sender.send_replace(Some(Arc::new(answer)));
                }
                Err(error) => {
                    tracing::error!(detail = error.detail(), "a carried change has no answer");
                }
            }
        });
        outcome
    }

    async fn execute(&self, question: Question, body: Vec<u8>) -> Result<Parcel> {
        let ready = poll_fn(|cx| self.service.poll_ready(cx)).await;
        ready.map_err(|_| Error::Internal("the routes are not ready".into()))?;
        let answered = self.service.call(question.into_request(body)).await;
        let response = answered.unwrap_or_else(|failed| failed);
        // Told after the answer was made: whoever has come so far has what it rests on.
        let epoch = self
            .shared
            .signer()
            .await
            .map_or(0, |signer| signer.epoch());
        let position = Position {
            epoch: epoch.cast_unsigned(),
            txid: self.shared.app.store.stamps().head(),
        };
        let head = Reply::of(&response, position).encode();
        let (_, body) = response.into_parts();
        let Ok(Ok(body)) = to_bytes_limited(body, MOST_ANSWER).await else {
            return Err(Error::Internal("an answer cannot be carried".into()));
        };
        Ok((head, body.into()))
    }
}
