//! Something that is read from a database: its four states are empty, loading (the old value
//! stays), error, data.

use crate::connection::message::RequestId;

/// A value that comes with an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Loadable<T> {
    /// The last good value; stays while a newer one is loaded and after a failure.
    pub value: Option<T>,
    /// The question that is under way.
    pub request: Option<RequestId>,
    /// Why the last question failed, a sentence.
    pub error: Option<String>,
}

impl<T> Default for Loadable<T> {
    fn default() -> Self {
        Self { value: None, request: None, error: None }
    }
}

impl<T> Loadable<T> {
    /// A question is under way.
    pub fn start(&mut self, request: RequestId) {
        self.request = Some(request);
        self.error = None;
    }

    /// The answer came. Answers to other questions than the last change nothing: `false`.
    pub fn finish(&mut self, request: RequestId, result: Result<T, String>) -> bool {
        if self.request != Some(request) {
            return false;
        }
        self.request = None;
        match result {
            Ok(value) => (self.value, self.error) = (Some(value), None),
            Err(error) => self.error = Some(error),
        }
        true
    }

    /// Whether nothing is there and nothing was asked: as it comes back from an earlier session.
    pub fn is_untouched(&self) -> bool {
        self.value.is_none() && self.request.is_none() && self.error.is_none()
    }

    /// Whether a question is under way.
    pub fn is_loading(&self) -> bool {
        self.request.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_changes_nothing_and_old_data_stays() {
        let mut cell = Loadable::default();
        cell.start(RequestId(1));
        cell.start(RequestId(2));
        assert!(!cell.finish(RequestId(1), Ok("late")));
        assert!(cell.finish(RequestId(2), Ok("new")));
        cell.start(RequestId(3));
        assert!(cell.is_loading());
        assert!(cell.finish(RequestId(3), Err("gone".into())));
        assert_eq!(cell.value, Some("new"));
        assert_eq!(cell.error.as_deref(), Some("gone"));
    }
}
