//! Makes one collection like another: what a comparison found missing or different in the second side is written
//! there from the first one, and a second comparison says whether they are alike then.
//!
//! [`Writes`] is the list of what is to be done, gathered while a comparison goes on (`writes`). [`align`] carries
//! it out (`carry_out`), records by batches that `deliver` halves until one that is refused stands alone; `forms`
//! says what an id of one maker is at another. Nothing is deleted unless [`AlignOptions::delete_extra`] says so, and
//! then only after everything was written. No journal: whoever runs it again compares again, and what is written
//! already is no difference any more. [`align_agreed`] is the same for who has agreed to numbers and not to a list.

mod carry_out;
mod deliver;
mod forms;
mod writes;

pub use carry_out::{AlignOptions, align, align_agreed, fitting};
pub use writes::{Writes, needed};
