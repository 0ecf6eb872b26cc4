import org.junit.Assert;
import org.junit.Test;

public class AbacusTest {
    @Test
    public void adds() {
        Assert.assertEquals(5, Abacus.add(2, 3));
    }
}
