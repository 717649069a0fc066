"""What is made of a trained model: card, export, chat."""
