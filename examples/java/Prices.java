import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a file of prices, or reads one and prints it: java Prices.java write|read FILE */
public class Prices {
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[1]);
    if (args[0].equals("write")) write(file);
    else read(file);
  }

  static void write(Path file) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      put(out, "MSFT", 20221230, 239.82, 21_938_500L);
      put(out, "AAPL", 20221230, 129.93, 77_034_200L);
      put(out, "KO", 20221230, 63.61, 9_057_000L);
      put(out, "\u00dcBER\0\ud83d\ude00", 20221230, Double.NaN, -1L);
    }
  }

  static void put(DataOutputStream out, String symbol, int day, double close, long volume)
      throws IOException {
    out.writeUTF(symbol);
    out.writeInt(day);
    out.writeDouble(close);
    out.writeLong(volume);
  }

  static void read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      for (; ; ) {
        in.mark(1);
        if (in.read() < 0) return;
        in.reset();
        String symbol = in.readUTF();
        int day = in.readInt();
        double close = in.readDouble();
        System.out.println(symbol.length() + " " + day + " " + close + " " + in.readLong());
      }
    }
  }
}
