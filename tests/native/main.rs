//! The core by data: inputs and expected outputs.
