"""The second way in: `--model DIR`, a vision-language model of any maker, its align layer alone or any of its parts."""
