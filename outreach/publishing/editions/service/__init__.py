"""The use cases of editions: how they are composed (`composing`), their states (`states`), who works at them and how
far a push has come (`pushing`), and the previews (`previews`)."""
