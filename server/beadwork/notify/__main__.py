"""The program that sends one notification; see `delivering.py`."""

from beadwork.notify.delivering import main

if __name__ == "__main__":
    main()
