//! The real binary, started as its users start it, and the rules that the whole house keeps.

mod architecture;
mod commands;
mod kickstart;
mod life;
mod limits;
mod settings;
mod support;
