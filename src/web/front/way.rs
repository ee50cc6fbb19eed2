//! Requests that this node does not simply answer: those that another one has to, or can.

use std::rc::Rc;
use std::sync::Arc;

use actix_http::body::BoxBody;
use actix_http::{HttpMessage, Request, Response};
use actix_service::Service;

use crate::config::AccessLog;
use crate::metric::Route;
use crate::web::client::Client;
use crate::web::front::{Answer, Answering, Front, Passage};
use crate::web::relay::aside::Instead;
use crate::web::relay::pass::Way;
use crate::web::reply::is_reading;
use crate::web::service::Aside;

impl<S> Front<S>
where
    S: Service<Request, Error = Response<BoxBody>> + 'static,
    S::Response: Into<Response<BoxBody>>,
    S::Future: 'static,
{
    /// Answers a request of which it depends on the other nodes who does.
    pub(super) fn by_some_way(&self, request: Request) -> Answering {
        let passage = Passage::begin(&self.shared, &request);
        let (inner, aside) = (Rc::clone(&self.inner), Rc::clone(&self.aside));
        let errand = Arc::clone(&passage.journey.errand);
        Answering::Routed(Box::pin(errand.run(go(inner, aside, passage, request))))
    }

    /// Refuses a visitor's page for which there is no room, unless a standby makes it.
    pub(super) fn turn_away(
        &self,
        request: &Request,
        mut refusal: Response<BoxBody>,
        busy: Arc<Route>,
    ) -> Answering {
        let config = &self.shared.app.config;
        let client = || Client::of(request.head(), &request.extensions(), config);
        let shared = &self.shared;
        // Without another node it is not even asked who the client is.
        let spare = (shared.app.peer()).and_then(|_| shared.spare(request, client()));
        if let Some(spare) = spare {
            let passage = Passage::begin(&self.shared, request);
            return Answering::Routed(Box::pin(async move {
                if let Some(spared) = spare.ask().await {
                    return Ok(passage.end_elsewhere(spared));
                }
                passage.journey.leads(&busy);
                Ok(passage.end(refusal).await)
            }));
        }
        busy.answer(refusal.status().as_u16());
        self.shared.say_farewell(&mut refusal);
        if config.access_log != AccessLog::Off {
            self.shared.log_unrouted(request, client(), &refusal, None);
        }
        self.lull.ask();
        Answering::Ready(Some(refusal))
    }
}

async fn go<S>(inner: Rc<S>, aside: Rc<Aside>, passage: Passage, mut request: Request) -> Answer
where
    S: Service<Request, Error = Response<BoxBody>>,
    S::Response: Into<Response<BoxBody>>,
{
    let (shared, client) = (Arc::clone(&passage.shared), passage.client);
    let method = request.method().clone();
    // Before it is asked whose it is: who hands over the duty waits for those that found it here.
    let begin = || (!is_reading(&method)).then(|| shared.app.changes.begin());
    let mut changing = begin();
    let instead = loop {
        match shared.way(&request, client).await {
            Way::Here => {
                let response = inner.call(request).await?.into();
                return Ok(passage.end(response).await);
            }
            Way::After(txid) => {
                if !shared.has_come(txid).await
                    && let Some(response) = shared.ask(&request, client).await
                {
                    return Ok(passage.end_elsewhere(response));
                }
                // When nobody can be asked, what is here is better than nothing.
                let response = inner.call(request).await?.into();
                return Ok(passage.end(response).await);
            }
            Way::Primary => {
                drop(changing.take());
                match shared.change(&mut request, client).await {
                    Ok(Some(response)) => return Ok(passage.end_elsewhere(response)),
                    // This node is the primary by now.
                    Ok(None) => changing = begin(),
                    Err(instead) => break instead,
                }
            }
            Way::Aside(instead) => break instead,
        }
    };
    passage.pass_on();
    request.extensions_mut().insert::<Instead>(instead);
    let response = aside.call(request).await?;
    Ok(passage.end_aside(response))
}
