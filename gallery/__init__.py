"""Every message and letter as a customer or a seller gets it, for people who change them."""
