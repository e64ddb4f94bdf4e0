using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Infra.Traces;

public sealed class CsvTableTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("table-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Fields_that_would_break_a_row_are_quoted_and_numbers_know_no_language()
    {
        FileInfo file = new(Path.Combine(folder.FullName, "new", "t.csv"));
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            using CsvTable table = new(file, "a", "b,c");
            table.Add(1.5, "x\"y");
            table.Add(null, "two\nlines");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.Equal("a,\"b,c\"\n1.5,\"x\"\"y\"\n,\"two\nlines\"\n", File.ReadAllText(file.FullName));
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_is_the_users_error() =>
        Assert.Contains(folder.FullName, Assert.Throws<UserException>(() => new CsvTable(new FileInfo(folder.FullName), "a")).Message, StringComparison.Ordinal);
}
