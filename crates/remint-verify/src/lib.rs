//! What a service behind the edge needs: verify one token format of one issuer.
