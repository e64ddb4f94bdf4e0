using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Unit.Infra.CommandLine;

public sealed class ApplicationTests : IDisposable
{
    private readonly List<string> ran = [];

    public void Dispose()
    {
        foreach (string name in new[] { "PIPELINE_OF_ROOT", "PIPELINE_OF_VERB" }) Environment.SetEnvironmentVariable(name, null);
    }

    [Fact]
    public async Task An_option_may_be_an_environment_variable_and_the_command_line_wins()
    {
        Environment.SetEnvironmentVariable("PIPELINE_OF_VERB", "7");
        Assert.Equal(0, await Application.RunAsync(Program(), ["verb"]));
        Assert.Equal(0, await Application.RunAsync(Program(), ["verb", "--of-verb", "8"]));
        Assert.Equal(["verb 7", "verb 8"], ran);
    }

    [Fact]
    public async Task A_verb_does_not_get_the_variables_of_the_program_without_a_verb()
    {
        Environment.SetEnvironmentVariable("PIPELINE_OF_ROOT", "7");
        Assert.Equal(0, await Application.RunAsync(Program(), ["verb"]));
        Assert.Equal(0, await Application.RunAsync(Program(), []));
        Assert.Equal(["verb 1", "root 7"], ran);
    }

    [Fact]
    public async Task A_wrong_variable_is_as_wrong_as_a_wrong_option()
    {
        Environment.SetEnvironmentVariable("PIPELINE_OF_VERB", "eleven");
        Assert.Equal(2, await Application.RunAsync(Program(), ["verb"]));
        Assert.Equal(2, await Application.RunAsync(Program(), ["verb", "--of-verb", "11"]));
        Assert.Empty(ran);
    }

    [Fact]
    public async Task What_a_user_can_mend_ends_with_one()
    {
        RootCommand root = new("fails");
        root.SetAction((_, _) => throw new UserException("mend it"));
        Assert.Equal(1, await Application.RunAsync(root, []));
    }

    private RootCommand Program()
    {
        Option<int> ofRoot = CommonOptions.Int("--of-root", "a number", 1, 0, 10), ofVerb = CommonOptions.Int("--of-verb", "a number", 1, 0, 10);
        Command verb = new("verb") { ofVerb };
        verb.SetAction((parsed, _) => Ran($"verb {parsed.GetValue(ofVerb)}"));
        RootCommand root = new("a program") { ofRoot, verb };
        root.SetAction((parsed, _) => Ran($"root {parsed.GetValue(ofRoot)}"));
        return root;
    }

    private Task Ran(string what)
    {
        ran.Add(what);
        return Task.CompletedTask;
    }
}
