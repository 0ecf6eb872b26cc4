public class Abacus {
    public static int add(int a, int b) {
        return a + b;
    }
}
