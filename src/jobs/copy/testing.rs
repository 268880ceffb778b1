//! What the tests of this room share.

use crate::jobs::model::plan::{Estimate, Holds, IdPlan, IdPolicy, Place, Plan, Target, TextPlan, VectorPlan, Wishes};

/// A target that can hold everything.
pub const EVERYTHING: Holds = Holds {
    nested: true,
    arrays: true,
    nulls: true,
    unsigned: true,
    exact_integers: true,
    exact_floats: true,
    whole_floats: true,
    any_keys: true,
    reserved_keys: true,
};

/// A target that can hold texts, numbers and booleans.
pub const NOTHING: Holds = Holds {
    nested: false,
    arrays: false,
    nulls: false,
    unsigned: false,
    exact_integers: false,
    exact_floats: false,
    whole_floats: false,
    any_keys: false,
    reserved_keys: false,
};

/// A plan that changes nothing, with the vectors `a` and `b`.
pub fn plan() -> Plan {
    let place = |label: &str| Place {
        label: label.to_owned(),
        target: label.to_owned(),
        product: label.to_owned(),
        version: "1".to_owned(),
        collection: "docs".to_owned(),
    };
    let vector = |name: &str| VectorPlan {
        from: name.to_owned(),
        to: name.to_owned(),
        kind: "dense".to_owned(),
        dimension: Some(1),
        metric_from: Some("dot".to_owned()),
        metric: Some("dot".to_owned()),
        normalised: false,
    };
    Plan {
        from: place("here"),
        to: place("there"),
        target: Target::New,
        records: 10,
        records_exact: true,
        vectors: vec![vector("a"), vector("b")],
        ids: IdPlan { policy: IdPolicy::Kept, why: String::new(), example: None },
        text: TextPlan::Kept,
        holds: EVERYTHING,
        changes: Vec::new(),
        estimate: Estimate::default(),
        wishes: Wishes::default(),
    }
}
