"""Training of Framescribe's captioning bundles: data, model, training, evaluation and export."""
