defmodule Heron.MixProject do
  use Mix.Project
  def project, do: [app: :heron, version: "0.1.0", deps: deps()]
  defp deps, do: [{:credo, "~> 1.7"}, {:dialyxir, "~> 1.4"}]
end
