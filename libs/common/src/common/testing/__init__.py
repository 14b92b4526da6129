"""What tests of any service share: real databases, real tokens, a service assembled as in production."""
