//! Sessions of administrators who have looked at the status page: when they ask again, overload does not refuse it to them.
//!
//! Only for the order in which work is refused: it lets nobody see anything. Nobody comes in here unchecked, so that no
//! visitor can have work done before that of others by asking for this page.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Mutex;

use crate::errand::Errand;
use crate::web::cookie::TokenHash;
use crate::web::status::lock;

/// Most sessions that are remembered.
const MOST: usize = 64;

/// The sessions.
#[derive(Default)]
pub struct Operators(Mutex<HashSet<TokenHash>>);

impl Operators {
    /// Remembers this session, or forgets it, as a look at it has just shown.
    pub fn note(&self, token: Option<TokenHash>, is_operator: bool) {
        let Some(token) = token else { return };
        let mut sessions = lock(&self.0);
        if !is_operator {
            sessions.remove(&token);
            return;
        }
        // Old ones are not worth a list of their ages: whoever still looks is noted again.
        if sessions.len() >= MOST && !sessions.contains(&token) {
            sessions.clear();
        }
        sessions.insert(token);
    }

    fn is_known(&self, token: Option<TokenHash>) -> bool {
        token.is_some_and(|token| lock(&self.0).contains(&token))
    }

    /// Does `work` for the session of this token, as the operator's when it is remembered.
    pub async fn run<F: Future>(&self, token: Option<TokenHash>, work: F) -> F::Output {
        if !self.is_known(token) {
            return work.await;
        }
        Errand::urgent(work).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::errand::Rank;

    const SECOND: Duration = Duration::from_secs(1);

    async fn rank(operators: &Operators, token: Option<TokenHash>) -> Rank {
        operators.run(token, async { Errand::current_rank() }).await
    }

    #[tokio::test]
    async fn only_a_session_that_was_seen_to_be_an_operators_goes_first() {
        let (operators, token) = (Operators::default(), Some([7; 32]));
        assert_eq!(rank(&operators, token).await, Rank::Visitor);
        operators.note(token, true);
        assert_eq!(rank(&operators, token).await, Rank::Operator);
        assert_eq!(rank(&operators, Some([8; 32])).await, Rank::Visitor);
        operators.note(token, false);
        assert_eq!(rank(&operators, token).await, Rank::Visitor);
        operators.note(None, true);
        assert_eq!(rank(&operators, None).await, Rank::Visitor);
    }

    #[test]
    fn no_more_are_remembered_than_there_are_places() {
        let operators = Operators::default();
        for n in 0..=255 {
            operators.note(Some([n; 32]), true);
            assert!(lock(&operators.0).len() <= MOST);
            assert!(operators.is_known(Some([n; 32])));
        }
    }

    #[tokio::test]
    async fn a_request_is_told_what_its_work_took() {
        let request = Arc::new(Errand::new(3, Rank::Member));
        let work = Errand::urgent(async {
            let errand = Errand::current().unwrap();
            errand.note(SECOND, SECOND);
            errand.id
        });
        let id = Arc::clone(&request).run(work).await;
        assert_eq!((id, request.waited()), (3, SECOND));
    }
}
