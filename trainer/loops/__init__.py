"""The training loops: what alignment and SFT share, on top of Hugging Face's and TRL's trainers."""
