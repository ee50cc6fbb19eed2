//! Both drivers over real sockets: what the simulation cannot show.

mod memory;

mod node;

mod refusal;

mod traffic;

mod trouble;
