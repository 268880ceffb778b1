//! Linked panes: which belong together, on which record they are, and where each of them has it.
//!
//! Plain data. `app::reduce::linking` makes links and lets panes follow each other, `ui` says below each
//! linked pane what is known here.

use super::panes::PaneId;
use crate::connection::message::{ConnectionId, RequestId};
use crate::jobs::model::matching::{self, MatchBy, Sameness, same_id};
use crate::jobs::model::noted::known_id;
use crate::provider::model::{Record, RecordId};

/// All links; a pane is in one at most.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Links {
    all: Vec<Link>,
}

/// Panes that follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What makes two records the same.
    pub by: MatchBy,
    /// The panes, two or more.
    pub members: Vec<Member>,
    /// The record that they are on.
    pub anchor: Option<Anchor>,
    /// Counts up with each anchor, so that an answer for an earlier one is known.
    pub serial: u64,
}

/// A linked pane.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The pane.
    pub pane: PaneId,
    /// What it shows: of another collection nothing is known yet.
    pub shows: Option<(ConnectionId, String)>,
    /// Where it has the record.
    pub place: Place,
    /// What it was on when it was last looked at: what differs was moved by the user.
    pub seen: Option<Spot>,
    /// The question where the record is, and for which serial.
    pub asked: Option<(RequestId, u64)>,
}

/// What a pane is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The collection.
    pub collection: String,
    /// The selected record.
    pub id: RecordId,
}

/// The record that linked panes are on.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    /// The pane where it was selected.
    pub from: PaneId,
    /// Its id there, or the one that a copy has noted in it.
    pub id: RecordId,
    /// The same id in the kinds that other makers have.
    pub spellings: Vec<RecordId>,
    /// The value of the field that is matched by.
    pub value: Option<serde_json::Value>,
    /// Its row there.
    pub row: usize,
    /// How far below the first row in sight that is.
    pub offset: usize,
}

/// Where a linked pane has the record.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Place {
    /// Not looked yet, or nothing to look in.
    #[default]
    Unknown,
    /// In sight, selected.
    Here(Sameness),
    /// The database has it, but not on the pages that are read.
    Elsewhere(Box<Record>),
    /// The database has it, and the pane's filter leaves it out.
    Filtered(Box<Record>),
    /// The database does not have it.
    Absent,
    /// It is not among the hits in sight.
    NotAHit,
    /// The database is being asked.
    Asking,
    /// It cannot be said; why, a clause.
    Unsaid(String),
}

impl Place {
    /// Whether nothing more is to be found out.
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Unknown | Self::Asking)
    }

    /// The record, where it was read apart from the table.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Elsewhere(record) | Self::Filtered(record) => Some(record),
            _ => None,
        }
    }
}

impl Anchor {
    /// Whether a record is the same.
    pub fn is(&self, record: &Record, by: &MatchBy) -> Option<Sameness> {
        match by {
            MatchBy::Id => same_id(&self.id, &known_id(record)),
            MatchBy::Field(field) => {
                let same = self.value.is_some() && record.payload.get(field) == self.value.as_ref();
                same.then_some(Sameness::Exact)
            }
        }
    }

    /// The same record among some: an equal id before an equal text.
    pub fn among<'a>(
        &self,
        records: impl Iterator<Item = &'a Record>,
        by: &MatchBy,
    ) -> Option<(usize, &'a Record, Sameness)> {
        let mut by_text = None;
        for (at, record) in records.enumerate() {
            match self.is(record, by) {
                Some(Sameness::Exact) => return Some((at, record, Sameness::Exact)),
                Some(Sameness::ByText) if by_text.is_none() => by_text = Some((at, record, Sameness::ByText)),
                Some(Sameness::ByText) | None => {}
            }
        }
        by_text
    }
}

impl Link {
    /// Panes that follow each other from now on.
    pub fn new(panes: &[PaneId]) -> Self {
        let member =
            |pane: &PaneId| Member { pane: *pane, shows: None, place: Place::Unknown, seen: None, asked: None };
        Self { by: MatchBy::Id, members: panes.iter().map(member).collect(), anchor: None, serial: 0 }
    }

    /// The panes.
    pub fn panes(&self) -> Vec<PaneId> {
        self.members.iter().map(|member| member.pane).collect()
    }

    /// The member that is this pane.
    pub fn member(&self, pane: PaneId) -> Option<&Member> {
        self.members.iter().find(|member| member.pane == pane)
    }

    /// The same, to change it.
    pub fn member_mut(&mut self, pane: PaneId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.pane == pane)
    }

    /// Whether the selected row of a pane is the record that the link is on. Where it is not, no row is marked.
    pub fn marks_row(&self, pane: PaneId) -> bool {
        let place = self.member(pane).map(|member| &member.place);
        self.anchor.is_none() || matches!(place, Some(Place::Here(_)))
    }

    /// The pane that one is compared with: the one before it, for the first the one after.
    pub fn neighbour(&self, pane: PaneId) -> Option<PaneId> {
        let at = self.members.iter().position(|member| member.pane == pane)?;
        let other = at.checked_sub(1).unwrap_or(1);
        self.members.get(other).map(|member| member.pane)
    }

    /// Another record: nobody has it yet.
    pub fn move_to(&mut self, anchor: Anchor) {
        self.serial += 1;
        for member in &mut self.members {
            member.place = Place::Unknown;
        }
        self.anchor = Some(anchor);
    }

    /// Matches by something else from now on; where the record is, is looked for anew.
    pub fn match_by(&mut self, by: MatchBy) {
        self.by = by;
        self.serial += 1;
        self.anchor = None;
        for member in &mut self.members {
            (member.place, member.seen) = (Place::Unknown, None);
        }
    }
}

impl Links {
    /// The link that a pane is in.
    pub fn of(&self, pane: PaneId) -> Option<&Link> {
        self.all.iter().find(|link| link.member(pane).is_some())
    }

    /// The same, to change it.
    pub fn of_mut(&mut self, pane: PaneId) -> Option<&mut Link> {
        self.all.iter_mut().find(|link| link.member(pane).is_some())
    }

    /// The panes that follow this one, without it.
    pub fn others(&self, pane: PaneId) -> Vec<PaneId> {
        self.of(pane).map_or_else(Vec::new, |link| link.panes().into_iter().filter(|other| *other != pane).collect())
    }

    /// Links panes; they leave the links that they are in.
    pub fn link(&mut self, panes: &[PaneId]) {
        self.keep(|pane| !panes.contains(&pane));
        self.all.push(Link::new(panes));
    }

    /// Ends the link that a pane is in; whether there was one.
    pub fn end(&mut self, pane: PaneId) -> bool {
        let before = self.all.len();
        self.all.retain(|link| link.member(pane).is_none());
        self.all.len() < before
    }

    /// Keeps only these panes; links of fewer than two end. How many ended.
    pub fn keep(&mut self, stays: impl Fn(PaneId) -> bool) -> usize {
        let before = self.all.len();
        for link in &mut self.all {
            link.members.retain(|member| stays(member.pane));
        }
        self.all.retain(|link| link.members.len() > 1);
        before - self.all.len()
    }

    /// The member whose question that was.
    pub fn asked(&mut self, request: RequestId) -> Option<(&mut Member, Option<&Anchor>, &MatchBy, u64)> {
        self.all.iter_mut().find_map(|link| {
            let (anchor, by, serial) = (link.anchor.as_ref(), &link.by, link.serial);
            let member = link.members.iter_mut().find(|m| m.asked.is_some_and(|(asked, _)| asked == request))?;
            Some((member, anchor, by, serial))
        })
    }

    /// Whether no pane is linked.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// The anchor of a record that is selected in a pane.
pub fn anchor(from: PaneId, record: &Record, by: &MatchBy, row: usize, top: usize) -> Anchor {
    let value = match by {
        MatchBy::Id => None,
        MatchBy::Field(field) => record.payload.get(field).filter(|value| !value.is_null()).cloned(),
    };
    let id = known_id(record).into_owned();
    Anchor { from, spellings: matching::spellings(&id), id, value, row, offset: row.saturating_sub(top) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_pane_is_in_one_link_and_a_lonely_link_ends() {
        let (a, b, c) = (PaneId(1), PaneId(2), PaneId(3));
        let mut links = Links::default();
        links.link(&[a, b]);
        assert_eq!((links.others(a), links.of(a).unwrap().neighbour(a)), (vec![b], Some(b)));
        links.link(&[b, c]);
        assert!(links.of(a).is_none(), "its only partner left");
        assert_eq!(links.keep(|pane| pane != c), 1);
        assert!(links.is_empty());
    }

    #[test]
    fn an_equal_id_comes_before_an_equal_text() {
        let record = |id: RecordId| Record { id, vectors: None, payload: Default::default(), text: None };
        let (number, text) = (record(7_u64.into()), record("7".into()));
        let anchor = anchor(PaneId(1), &number, &MatchBy::Id, 3, 1);
        assert_eq!(anchor.offset, 2);
        let among = |records: &[&Record]| {
            anchor.among(records.iter().copied(), &MatchBy::Id).map(|(at, _, sameness)| (at, sameness))
        };
        assert_eq!(among(&[&text, &number]), Some((1, Sameness::Exact)));
        assert_eq!(among(&[&text]), Some((0, Sameness::ByText)));
        assert_eq!(among(&[&record("07".into())]), None);
        let mut copied = record("b".into());
        copied.payload.insert("_source_id".to_owned(), "integer:7".into());
        assert_eq!(among(&[&copied]), Some((0, Sameness::Exact)), "a copy has noted what it was");
        assert_eq!(super::anchor(PaneId(1), &copied, &MatchBy::Id, 0, 0).id, 7_u64.into());
    }
}
